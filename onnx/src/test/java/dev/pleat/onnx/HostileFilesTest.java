package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.request.InputSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostileFilesTest {
  @TempDir private Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("model.onnx"), bytes);
  }

  private Path model(ModelProto.Builder model) throws IOException {
    return file(model.build().toByteArray());
  }

  private static ModelProto.Builder good() {
    return RandomArchitecture.of(1, false).model().toBuilder();
  }

  /** Folding fails in one line that says all of this, and leaves nothing behind. */
  private void refuses(Path input, String... says) throws IOException {
    List<Path> before = files();
    ThrowingCallable fold = () -> Folds.fold(input, folder.resolve("out.onnx"), 0.5);
    assertThatThrownBy(fold)
        .isInstanceOf(PleatException.class)
        .message()
        .contains(says)
        .doesNotContain("\n");
    assertThat(files()).isEqualTo(before);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void a_file_that_is_not_there_is_refused() throws IOException {
    refuses(folder.resolve("absent.onnx"), "absent.onnx", "no such file");
  }

  @Test
  void an_empty_file_is_refused() throws IOException {
    refuses(file(new byte[0]), "empty");
  }

  @Test
  void text_is_no_model() throws IOException {
    refuses(file("hello, this is no model".getBytes(StandardCharsets.UTF_8)), "not an ONNX model");
  }

  @Test
  void a_file_cut_off_anywhere_is_refused() throws IOException {
    byte[] whole = good().build().toByteArray();
    for (int part = 1; part < 12; part++) {
      byte[] cut = Arrays.copyOf(whole, whole.length * part / 12);
      Path input = file(cut);
      assertThatThrownBy(() -> Folds.fold(input, folder.resolve("out.onnx"), 0.5))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("model.onnx");
      assertThat(folder.resolve("out.onnx")).doesNotExist();
    }
  }

  @Test
  void newer_formats_and_operator_sets_are_refused() throws IOException {
    refuses(model(good().setIrVersion(99)), "99", "13");
    ModelProto.Builder model = good();
    model.getOpsetImportBuilder(0).setVersion(77);
    refuses(model(model), "77", "26");
  }

  @Test
  void an_initializer_whose_bytes_disagree_with_its_shape_is_refused_by_name() throws IOException {
    ModelProto.Builder model = good();
    TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(0);
    tensor.setRawData(tensor.getRawData().substring(4));
    refuses(model(model), tensor.getName(), "bytes");
  }

  @Test
  void dimensions_that_overflow_are_refused() throws IOException {
    ModelProto.Builder model = good();
    TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(0);
    tensor.clearDims().addDims(1 << 30).addDims(1 << 30).addDims(1 << 30);
    refuses(model(model), tensor.getName(), "overflow");
    tensor.clearDims().addDims(-3);
    refuses(model(model), tensor.getName(), "-3");
  }

  @Test
  void dimensions_whose_bytes_overflow_are_refused() throws IOException {
    long[][] huge = {{1L << 30, 1L << 30}, {1073741824, 2048, 2097152}};
    for (long[] dims : huge) {
      ModelProto.Builder inline = good();
      TensorProto.Builder tensor = inline.getGraphBuilder().getInitializerBuilder(0);
      tensor.clearDims();
      Arrays.stream(dims).forEach(tensor::addDims);
      refuses(model(inline), tensor.getName(), "overflow");
      ModelProto.Builder outside = external("weights.bin", 0, 8);
      Files.write(folder.resolve("weights.bin"), new byte[8]);
      outside.getGraphBuilder().setInitializer(0, tensor.build());
      tensor = outside.getGraphBuilder().getInitializerBuilder(0);
      refuses(model(outside), tensor.getName(), "overflow");
    }
  }

  @Test
  void constants_that_contradict_each_other_are_left_alone_where_nothing_is_verified()
      throws IOException {
    Path input = finding("bias-wider-than-channels.onnx");
    FileFoldRequest unverified =
        new FileFoldRequest(
            input,
            folder.resolve("out.onnx"),
            FoldOptions.of(new Target.Parameters(0.4)).with(Repair.APPROXIMATE),
            false,
            false,
            false,
            1,
            Map.of(),
            new InputSource.Made(),
            OptionalInt.empty());
    assertThat(OnnxFolding.fold(unverified, Progress.SILENT).groups())
        .anySatisfy(group -> assertThat(group.reason()).contains("combines axes of 3 and 8"));
  }

  private Path finding(String name) throws IOException {
    try (InputStream in = HostileFilesTest.class.getResourceAsStream("/findings/" + name)) {
      Files.copy(in, folder.resolve(name));
      return folder.resolve(name);
    }
  }

  @Test
  void data_of_the_bodies_of_conditions_goes_where_the_model_goes() throws IOException {
    Path input = finding("subok.onnx");
    finding("subw.bin");
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    for (boolean verify : new boolean[] {true, false}) {
      Path output = elsewhere.resolve("out%s.onnx".formatted(verify));
      FoldOptions half = FoldOptions.of(new Target.Channels(0.5)).with(Repair.NONE);
      FileFoldRequest of = FileFoldRequest.of(input, output, half);
      OnnxFolding.fold(
          new FileFoldRequest(
              input,
              output,
              half,
              verify,
              false,
              false,
              1,
              Map.of(),
              of.source(),
              OptionalInt.empty()),
          Progress.SILENT);
      assertThat(Folds.run(output, Map.of())).isNotEmpty();
    }
  }

  @Test
  void a_name_that_nothing_provides_is_refused() throws IOException {
    ModelProto.Builder model = good();
    model.getGraphBuilder().getNodeBuilder(2).setInput(0, "nowhere");
    refuses(model(model), "nowhere");
  }

  @Test
  void a_cycle_is_refused() throws IOException {
    ModelProto.Builder model = good();
    String last = model.getGraph().getNode(model.getGraph().getNodeCount() - 1).getOutput(0);
    model.getGraphBuilder().getNodeBuilder(1).setInput(0, last);
    refuses(model(model), "cycle");
  }

  @Test
  void a_value_made_twice_is_refused() throws IOException {
    ModelProto.Builder model = good();
    String first = model.getGraph().getNode(0).getOutput(0);
    model.getGraphBuilder().getNodeBuilder(1).setOutput(0, first);
    refuses(model(model), first, "twice");
  }

  @Test
  void weights_that_are_not_finite_are_named() throws IOException {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      Graph graph = new Graph(13);
      graph.input("x", 1, 2, 4, 4);
      float[] w = new float[4 * 2];
      w[5] = bad;
      graph.floats("first.weight", w, 4, 2, 1, 1);
      graph.floats("second.weight", new float[12], 3, 4, 1, 1);
      String y = graph.node("Conv", List.of("x", "first.weight"));
      graph.node("Conv", List.of(y, "second.weight"), List.of("y"));
      refuses(graph.output("y").write(folder.resolve("nan.onnx")), "first.weight", "" + bad, "5");
    }
  }

  @Test
  void groups_that_do_not_divide_the_channels_of_a_first_layer_are_refused() throws IOException {
    Graph graph = new Graph(13);
    graph.input("x", 1, 3, 4, 4);
    graph.floats("first.weight", new float[8 * 2], 8, 2, 1, 1);
    graph.floats("second.weight", new float[32], 4, 8, 1, 1);
    String y = graph.node("Conv", List.of("x", "first.weight"), Graph.integer("group", 3));
    graph.node("Conv", List.of(y, "second.weight"), List.of("y"));
    refuses(graph.output("y").write(folder.resolve("groups.onnx")), "groups.onnx", "nothing");
  }

  /** As tables of biases do, of which one row hides places from attention. */
  @Test
  void what_is_infinite_on_purpose_and_stays_as_it_is_does_not_keep_the_rest_from_folding() {
    Graph graph = new Graph(13);
    graph.input("x", 1, 2, 4, 4);
    graph.floats("first.weight", new float[] {1, 2, 3, -1, 2, 0, 0, 1}, 4, 2, 1, 1);
    float[] second = {1, 0, 2, -1, 3, 1, 1, 0, 0, 2, -2, 1};
    graph.floats("second.weight", second, 3, 4, 1, 1);
    graph.floats("hidden", new float[] {0, Float.NEGATIVE_INFINITY, 0}, 1, 3, 1, 1);
    String y = graph.node("Conv", List.of("x", "first.weight"));
    String scores = graph.node("Conv", List.of(graph.node("Relu", List.of(y)), "second.weight"));
    String masked = graph.node("Add", List.of(scores, "hidden"));
    graph.node("Softmax", List.of(masked), List.of("y"), Graph.integer("axis", 1));
    Path input = graph.output("y").write(folder.resolve("mask.onnx"));

    assertThat(Folds.fold(input, folder.resolve("out.onnx"), 0.5).folded()).hasSize(1);
    assertThat(folder.resolve("out.onnx")).exists();
  }

  private ModelProto.Builder external(String location, long offset, long length) {
    ModelProto.Builder model = good();
    TensorProto.Builder tensor = model.getGraphBuilder().getInitializerBuilder(0);
    tensor
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", Long.toString(offset)))
        .addExternalData(entry("length", Long.toString(length)));
    return model;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @Test
  void external_data_that_is_missing_short_or_elsewhere_is_refused() throws IOException {
    long length = good().getGraph().getInitializer(0).getRawData().size();
    refuses(model(external("absent.bin", 0, length)), "absent.bin", "missing");
    refuses(model(external("../../etc/passwd", 0, length)), "outside");
    refuses(model(external("/etc/passwd", 0, length)), "outside");
    Files.write(folder.resolve("short.bin"), new byte[(int) length - 1]);
    refuses(model(external("short.bin", 0, length)), "short.bin", "cut off");
    refuses(model(external("short.bin", Long.MAX_VALUE, length)), "cut off");
    refuses(model(external("short.bin", 0, 3)), "length 3");
    refuses(model(external("short.bin", -5, length)), "negative");
  }

  @Test
  void random_damage_never_escapes_as_anything_but_a_pleat_exception() throws IOException {
    byte[] whole = good().build().toByteArray();
    java.util.Random random = new java.util.Random(11);
    for (int trial = 0; trial < 400; trial++) {
      byte[] damaged = whole.clone();
      for (int flips = 0; flips < 4; flips++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Path input = file(damaged);
      try {
        Folds.fold(input, folder.resolve("out" + trial + ".onnx"), 0.5);
      } catch (PleatException expected) {
        assertThat(expected.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void unknown_fields_survive() throws IOException {
    ModelProto.Builder model = good();
    model.setUnknownFields(
        com.google.protobuf.UnknownFieldSet.newBuilder()
            .addField(
                999,
                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("from the future"))
                    .build())
            .build());
    Path output = folder.resolve("out.onnx");
    Folds.fold(model(model), output, 0.5);
    ModelProto folded = ModelProto.parseFrom(Files.readAllBytes(output));
    assertThat(folded.getUnknownFields().hasField(999)).isTrue();
  }
}
