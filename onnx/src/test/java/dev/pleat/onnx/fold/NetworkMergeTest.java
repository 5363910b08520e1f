package dev.pleat.onnx.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.MergeReport;
import dev.pleat.onnx.OnnxMerging;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.Heads;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkMergeTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final Path VGG = RESOURCES.resolve("networks/vgg-bn.onnx");

  @TempDir private Path folder;

  private static FoldOptions options(Repair repair) {
    return FoldOptions.of(new Target.Channels(0)).with(repair);
  }

  private static MergeReport merge(List<Path> networks, Path output, FoldOptions options) {
    return merge(networks, Heads.MEAN, output, options);
  }

  private static MergeReport merge(
      List<Path> networks, Heads heads, Path output, FoldOptions options) {
    return OnnxMerging.merge(
        networks, heads, FileFoldRequest.of(networks.getFirst(), output, options), Progress.SILENT);
  }

  private static Map<String, TensorValue> outputs(Path network) {
    try (OnnxSession session = OnnxSession.open(network, 2)) {
      return session.run(GeneratedInputs.firstThatRuns(session, Map.of(), 3));
    }
  }

  private static float[] values(Map<String, TensorValue> outputs, String name) {
    assertThat(outputs).containsKey(name);
    assertThat(outputs.get(name)).isInstanceOf(TensorValue.Floats.class);
    return outputs.get(name) instanceof TensorValue.Floats floats ? floats.values() : new float[0];
  }

  /** Largest difference of the outputs relative to the largest. */
  private static double difference(Path a, Path b) {
    try (OnnxSession x = OnnxSession.open(a, 2);
        OnnxSession y = OnnxSession.open(b, 2)) {
      Map<String, TensorValue> inputs = GeneratedInputs.firstThatRuns(x, Map.of(), 3);
      return OutputDifference.relative(x.run(inputs), y.run(inputs));
    }
  }

  /**
   * The same network as another exporter writes it: some constants once and then as their Identity,
   * attributes that stand for themselves left out, and how normalisations were trained.
   */
  private Path exportedOtherwise(Path network) {
    OnnxModel model = ModelReader.read(network);
    GraphProto.Builder graph = model.graph().toBuilder().clearNode();
    for (int i = 0; i < Math.min(3, graph.getInitializerCount()); i++) {
      String name = graph.getInitializer(i).getName();
      graph.getInitializerBuilder(i).setName("shared " + name);
      graph.addNode(
          NodeProto.newBuilder().setOpType("Identity").addInput("shared " + name).addOutput(name));
    }
    for (NodeProto node : model.nodes()) {
      NodeProto.Builder other = node.toBuilder().clearAttribute();
      node.getAttributeList().stream()
          .filter(attribute -> !Set.of("alpha", "beta", "momentum").contains(attribute.getName()))
          .forEach(other::addAttribute);
      graph.addNode(other);
    }
    Path file = folder.resolve("otherwise.onnx");
    ModelWriter.write(model, model.proto().toBuilder().setGraph(graph).build(), file);
    return file;
  }

  @Test
  void what_exporters_write_in_several_ways_is_one_architecture() {
    Path merged = folder.resolve("merged.onnx");

    merge(List.of(exportedOtherwise(VGG), VGG), merged, options(Repair.APPROXIMATE));

    assertThat(difference(VGG, merged)).isLessThan(1e-4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "networks/vgg-bn.onnx",
        "networks/mobile-bn.onnx",
        "exported/group-norm.torchscript.onnx",
        "exported/shufflenet.torchscript.onnx",
        "exported/pixel-shuffle.torchscript.onnx",
        "exported/bert.torchscript.onnx",
        "exported/llama.torchscript.onnx",
        "exported/maxvit.torchscript.onnx"
      })
  void copies_with_permuted_channels_and_other_statistics_merge_into_the_same_network(
      String network) {
    Path original = folder.resolve("original.onnx");
    Path copy = folder.resolve("copy.onnx");
    Path merged = folder.resolve("merged.onnx");
    PermutedCopy.rewritten(RESOURCES.resolve(network), original);
    PermutedCopy.write(original, copy, 5);

    MergeReport report = merge(List.of(original, copy), merged, options(Repair.NONE));

    assertThat(report.unionDifference()).isLessThan(1e-4);
    assertThat(report.fold().parameters().after()).isLessThan(report.fold().parameters().before());
    assertThat(difference(original, merged)).isLessThan(1e-4);
  }

  @Test
  void matching_weights_finds_the_permutation_and_plain_averaging_does_not() {
    Path copy = folder.resolve("copy.onnx");
    Path matched = folder.resolve("matched.onnx");
    Path averaged = folder.resolve("averaged.onnx");
    PermutedCopy.write(VGG, copy, 5);

    merge(List.of(VGG, copy), matched, options(Repair.NONE).with(Method.MATCH));
    merge(List.of(VGG, copy), averaged, options(Repair.NONE).with(Method.AVERAGE));

    assertThat(difference(VGG, matched)).isLessThan(1e-4);
    assertThat(difference(VGG, averaged)).isGreaterThan(0.1);
  }

  @Test
  void three_networks_merge_into_a_narrower_one() {
    Path copy = folder.resolve("copy.onnx");
    Path merged = folder.resolve("merged.onnx");
    PermutedCopy.write(VGG, copy, 5);

    MergeReport report =
        merge(
            List.of(VGG, copy, VGG),
            merged,
            FoldOptions.of(new Target.Channels(0.25)).with(Repair.APPROXIMATE));

    assertThat(report.fold().groups().getFirst().before()).isEqualTo(96);
    assertThat(report.fold().groups().getFirst().after()).isEqualTo(24);
  }

  @Test
  void networks_of_other_architectures_are_refused_with_the_first_node_that_differs() {
    Path other = RESOURCES.resolve("networks/mobile-bn.onnx");

    assertThatThrownBy(
            () -> merge(List.of(VGG, other), folder.resolve("out.onnx"), options(Repair.NONE)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("vgg-bn.onnx")
        .hasMessageContaining("mobile-bn.onnx")
        .hasMessageContaining("Conv '")
        .hasMessageContaining("in attribute 'strides'");
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @Test
  void an_input_is_not_written_over() throws IOException {
    Path a = Files.copy(VGG, folder.resolve("a.onnx"));
    Path b = Files.copy(VGG, folder.resolve("b.onnx"));

    assertThatThrownBy(() -> merge(List.of(a, b), b, options(Repair.NONE)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("is the input");
    assertThat(b).hasSameBinaryContentAs(VGG);
  }

  @Test
  void a_width_that_matching_cannot_keep_is_refused() {
    FoldOptions narrower = FoldOptions.of(new Target.Channels(0.5)).with(Method.MATCH);

    assertThatThrownBy(
            () -> merge(List.of(VGG, VGG), folder.resolve("out.onnx"), narrower.with(Repair.NONE)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--method match keeps the width of one network");
  }

  @Test
  void classes_of_both_networks_stand_side_by_side_in_a_joint_output() throws IOException {
    Path few = folder.resolve("few.onnx");
    Path copy = folder.resolve("copy.onnx");
    Path merged = folder.resolve("merged.onnx");
    FewerClasses.write(VGG, few, 4);
    PermutedCopy.write(VGG, copy, 5);

    MergeReport report = merge(List.of(few, copy), Heads.JOINT, merged, options(Repair.NONE));

    assertThat(report.unionDifference()).isLessThan(1e-4);
    float[] own = values(outputs(VGG), "logits");
    float[] joint = values(outputs(merged), "logits");
    assertThat(joint).hasSize(14);
    assertThat(Arrays.copyOf(joint, 4)).containsExactly(Arrays.copyOf(own, 4), within(1e-3f));
    assertThat(Arrays.copyOfRange(joint, 4, 14)).containsExactly(own, within(1e-3f));
  }

  @Test
  void separate_heads_give_an_output_for_each_network() throws IOException {
    Path few = folder.resolve("few.onnx");
    Path copy = folder.resolve("copy.onnx");
    Path merged = folder.resolve("merged.onnx");
    FewerClasses.write(VGG, few, 4);
    PermutedCopy.write(VGG, copy, 5);

    merge(List.of(few, copy), Heads.SEPARATE, merged, options(Repair.NONE));

    float[] own = values(outputs(VGG), "logits");
    Map<String, TensorValue> found = outputs(merged);
    assertThat(found).containsOnlyKeys("logits_1", "logits_2");
    assertThat(values(found, "logits_1")).containsExactly(Arrays.copyOf(own, 4), within(1e-3f));
    assertThat(values(found, "logits_2")).containsExactly(own, within(1e-3f));
  }

  @Test
  void heads_of_other_classes_are_not_averaged() throws IOException {
    Path few = folder.resolve("few.onnx");
    FewerClasses.write(VGG, few, 4);

    assertThatThrownBy(
            () -> merge(List.of(VGG, few), folder.resolve("out.onnx"), options(Repair.NONE)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("Gemm '")
        .hasMessageContaining("[10, 128]")
        .hasMessageContaining("--heads joint");
  }

  private static HeldInputs noise() {
    float[] noise = new float[64 * 28 * 28];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    return new HeldInputs(
        "noise", "image", new TensorValue.Floats(new long[] {64, 1, 28, 28}, noise));
  }

  private static void fit(Path first, Path second, Path merged, Method method) {
    OnnxMerging.merge(
        List.of(first, second),
        Heads.MEAN,
        FileFoldRequest.of(first, merged, options(Repair.LEAST_SQUARES).with(method))
            .with(new InputSource.Given(noise())),
        Progress.SILENT);
  }

  @Test
  void copies_stay_what_they_are_where_layers_are_fitted_to_inputs() {
    Path copy = folder.resolve("copy.onnx");
    Path merged = folder.resolve("merged.onnx");
    PermutedCopy.write(VGG, copy, 5);

    fit(VGG, copy, merged, Method.FOLD);

    assertThat(difference(VGG, merged)).isLessThan(1e-4);
  }

  @Test
  void zipping_finds_copies_by_what_their_channels_do() {
    Path copy = folder.resolve("copy.onnx");
    Path zipped = folder.resolve("zipped.onnx");
    PermutedCopy.write(VGG, copy, 5);

    fit(VGG, copy, zipped, Method.ZIP);

    assertThat(difference(VGG, zipped)).isLessThan(0.1);
  }

  @Test
  void zipping_without_inputs_is_refused() {
    assertThatThrownBy(() ->
            merge(
                List.of(VGG, VGG),
                folder.resolve("out.onnx"),
                options(Repair.NONE).with(Method.ZIP)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--method zip")
        .hasMessageContaining("least-squares");
  }
}
