package dev.pleat.onnx.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.network.TwinNetwork;
import dev.pleat.onnx.network.TwinNetwork.Flow;
import dev.pleat.onnx.network.Width;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RepairOnInputsTest {
  private static final int VALUES = 3 * 6 * 6;
  private static final HeldInputs FITTED = noise(60, 1);

  @TempDir private Path folder;

  private static HeldInputs noise(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count * VALUES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new HeldInputs(
        "noise", "image", new TensorValue.Floats(new long[] {count, 3, 6, 6}, values));
  }

  private FoldReport fold(Path model, Path output, double channels, Repair repair) {
    return fold(model, output, channels, repair, new InputSource.Given(FITTED), 1);
  }

  private static FoldReport fold(
      Path model, Path output, double channels, Repair repair, InputSource source, int threads) {
    FoldOptions options = FoldOptions.of(new Target.Channels(channels)).with(repair);
    return OnnxFolding.fold(
        new FileFoldRequest(
            model,
            output,
            options,
            true,
            false,
            true,
            threads,
            Map.of(),
            source,
            OptionalInt.empty()),
        Progress.SILENT);
  }

  private static float[] run(Path model, HeldInputs inputs) {
    try (OnnxSession session = OnnxSession.open(model, 1)) {
      TensorValue first = session.run(Map.of("image", inputs.values())).values().iterator().next();
      return ((TensorValue.Floats) first).values();
    }
  }

  /** ‖a − b‖ / ‖a‖. */
  private static double distance(float[] a, float[] b) {
    assertThat(b).hasSameSizeAs(a);
    double error = 0;
    double norm = 0;
    for (int i = 0; i < a.length; i++) {
      error += Math.pow(a[i] - b[i], 2);
      norm += Math.pow(a[i], 2);
    }
    return Math.sqrt(error / norm);
  }

  private Path write(Graph graph) {
    return graph.write(folder.resolve("model.onnx"));
  }

  private Path output(String name) {
    return folder.resolve(name + ".onnx");
  }

  /** Every kind of layer that reads channels, without a normalisation. */
  private static Graph everyConsumer(long seed) {
    TwinNetwork net = new TwinNetwork(seed, true);
    Flow x = net.input(3, 6);
    x = net.map("Relu", net.conv(x, net.hidden(8, 2), 3, 1, true));
    x = net.map("Relu", net.conv(x, net.hidden(6, 2), 3, 2, true));
    x = net.map("Relu", net.depthwise(x));
    Flow branch = net.map("Relu", net.conv(x, net.hidden(5), 1, 1, false));
    x = net.map("LeakyRelu", net.transposed(net.concat(x, branch), net.hidden(6)));
    x = net.gate(x, 3);
    x = net.map("Relu", net.linear(x, 49, net.hidden(7)));
    Flow y = net.linear(x, 1, Width.plain(4));
    net.graph().node("Identity", List.of(y.name()), List.of("scores"));
    return net.graph().output("scores");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void duplicated_channels_before_every_kind_of_layer_fold_away_on_generated_inputs(long seed) {
    Path model = write(everyConsumer(seed));
    Path output = output("folded");

    FoldReport report = fold(model, output, 0.5, Repair.LEAST_SQUARES, new InputSource.Made(), 1);

    assertThat(report.repairInputs()).contains("drawn");
    assertThat(output.toFile().length()).isLessThan(model.toFile().length() * 2 / 3);
    HeldInputs others = noise(16, 2);
    assertThat(distance(run(model, others), run(output, others))).isLessThan(1e-4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void least_squares_come_nearer_than_plain_folding_on_inputs_they_have_not_seen(long seed) {
    Path model = write(RandomArchitecture.of(seed, false));
    HeldInputs others = noise(64, 3);
    float[] expected = run(model, others);

    fold(model, output("plain"), 0.3, Repair.NONE, new InputSource.Made(), 1);
    fold(model, output("fitted"), 0.3, Repair.LEAST_SQUARES);

    assertThat(distance(expected, run(output("fitted"), others)))
        .isLessThan(distance(expected, run(output("plain"), others)));
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_SQUARES", "DATA"})
  void the_bytes_do_not_depend_on_the_number_of_threads(Repair repair) throws IOException {
    Path model = write(RandomArchitecture.of(4, false));
    InputSource source = new InputSource.Given(FITTED);

    fold(model, output("one"), 0.4, repair, source, 1);
    fold(model, output("two"), 0.4, repair, source, 2);

    assertThat(Files.readAllBytes(output("two"))).isEqualTo(Files.readAllBytes(output("one")));
  }

  @ParameterizedTest
  @CsvSource({"1, DATA", "4, DATA", "1, LEAST_SQUARES", "4, LEAST_SQUARES"})
  void a_network_of_a_fixed_batch_is_repaired_as_one_of_any_batch_is(int batch, Repair repair) {
    Graph graph = RandomArchitecture.of(1, false);
    Path open = graph.write(output("open"));
    graph
        .proto()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(batch);
    Path fixed = graph.write(output("fixed"));

    fold(open, output("of-open"), 0.4, repair);
    fold(fixed, output("of-fixed"), 0.4, repair);

    HeldInputs others = noise(batch, 5);
    assertThat(distance(run(output("of-open"), others), run(output("of-fixed"), others)))
        .isLessThan(repair == Repair.DATA ? 1e-4 : 0.05);
    assertThat(distance(run(fixed, others), run(output("of-fixed"), others))).isLessThan(0.2);
  }

  /** Two branches that are added, each normalised with the same statistics. */
  private Path branches(boolean shared) {
    Random random = new Random(6);
    Graph graph = new Graph(13);
    graph.input("image", -1, 3, 6, 6);
    String sum = "";
    String[] names = {"scale", "offset", "mean", "variance"};
    for (int branch = 0; branch < 2; branch++) {
      float[] weight = new float[12 * 27];
      for (int i = 0; i < weight.length; i++) {
        weight[i] = (float) (random.nextGaussian() * (branch + 1) / 5);
      }
      String w = graph.floats("w" + branch, weight, 12, 3, 3, 3);
      List<String> inputs = new java.util.ArrayList<>();
      inputs.add(graph.node("Conv", List.of("image", w), Graph.integers("pads", 1, 1, 1, 1)));
      for (int i = 0; i < names.length; i++) {
        String name = shared ? names[i] : names[i] + branch;
        if (!shared || branch == 0) {
          float[] values = new float[12];
          java.util.Arrays.fill(values, i == 0 ? 1 : i == 3 ? 0.7f : 0.1f);
          graph.floats(name, values, 12);
        }
        inputs.add(shared ? graph.node("Identity", List.of(name)) : name);
      }
      String normalized = graph.node("BatchNormalization", inputs);
      sum = branch == 0 ? normalized : graph.node("Add", List.of(sum, normalized));
    }
    float[] head = new float[5 * 12];
    for (int i = 0; i < head.length; i++) {
      head[i] = (float) random.nextGaussian();
    }
    String pooled = graph.node("GlobalAveragePool", List.of(graph.node("Relu", List.of(sum))));
    String flat = graph.node("Flatten", List.of(pooled));
    graph.node(
        "Gemm",
        List.of(flat, graph.floats("head", head, 5, 12)),
        List.of("scores"),
        Graph.integer("transB", 1));
    return graph.output("scores").write(folder.resolve("branches-%s.onnx".formatted(shared)));
  }

  @Test
  void statistics_that_normalisations_share_behind_identities_come_apart() {
    Path shared = branches(true);
    Path apart = branches(false);

    fold(shared, output("shared"), 0.5, Repair.DATA);
    fold(apart, output("apart"), 0.5, Repair.DATA);

    float[] expected = run(output("apart"), FITTED);
    float[] found = run(output("shared"), FITTED);
    assertThat(found).containsExactly(expected, within(1e-4f));
    fold(apart, output("naive"), 0.5, Repair.NONE, new InputSource.Made(), 1);
    assertThat(distance(expected, run(output("naive"), FITTED))).isGreaterThan(0.05);
  }

  /** A layer whose bias is added by a node of its own, as it is or shown in another shape. */
  private Path apart(boolean shown) {
    Random random = new Random(8);
    Graph graph = new Graph(13);
    graph.input("image", -1, 3, 6, 6);
    float[] weight = new float[12 * 27];
    float[] bias = new float[12];
    float[] head = new float[5 * 12];
    for (float[] values : List.of(weight, bias, head)) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
    }
    String made = graph.node("Conv", List.of("image", graph.floats("weight", weight, 12, 3, 3, 3)));
    String added =
        shown
            ? graph.node(
                "Reshape",
                List.of(graph.floats("bias", bias, 12), graph.longs("shape", 1, 12, 1, 1)))
            : graph.floats("bias", bias, 1, 12, 1, 1);
    String active = graph.node("Relu", List.of(graph.node("Add", List.of(made, added))));
    String flat = graph.node("Flatten", List.of(graph.node("GlobalAveragePool", List.of(active))));
    graph.node("MatMul", List.of(flat, graph.floats("head", head, 12, 5)), List.of("scores"));
    return graph.output("scores").write(folder.resolve("apart-%s.onnx".formatted(shown)));
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_SQUARES", "DATA"})
  void a_bias_that_is_shown_in_another_shape_is_the_same_bias(Repair repair) {
    Path plain = apart(false);
    Path shown = apart(true);

    fold(plain, output("plain"), 0.5, repair);
    fold(shown, output("shown"), 0.5, repair);

    assertThat(run(output("shown"), FITTED))
        .containsExactly(run(output("plain"), FITTED), within(1e-4f));
  }
}
