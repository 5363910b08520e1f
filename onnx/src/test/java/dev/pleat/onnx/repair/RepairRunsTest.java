package dev.pleat.onnx.repair;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Quality;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks of kinds that repairs on inputs once refused. */
final class RepairRunsTest {
  private final Random random = new Random(7);

  @TempDir private Path folder;

  private FoldReport fold(Graph graph) {
    float[] values = new float[40 * 3 * 6 * 6];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    TensorValue.Floats images = new TensorValue.Floats(new long[] {40, 3, 6, 6}, values);
    return fold(graph, new InputSource.Given(new HeldInputs("noise", "image", images)));
  }

  private FoldReport fold(Graph graph, InputSource source) {
    return fold(graph, source, Repair.LEAST_SQUARES);
  }

  private FoldReport fold(Graph graph, InputSource source, Repair repair) {
    Path model = graph.write(folder.resolve("model.onnx"));
    FoldOptions options = FoldOptions.of(new Target.Channels(0.5)).with(repair);
    FoldReport report =
        OnnxFolding.fold(
            new FileFoldRequest(
                model,
                folder.resolve("folded.onnx"),
                options,
                true,
                false,
                false,
                1,
                Map.of(),
                source,
                OptionalInt.of(40)),
            Progress.SILENT);
    assertThat(report.verification().ran()).isTrue();
    assertThat(report.parameters().after()).isLessThan(report.parameters().before());
    return report;
  }

  private String weight(Graph graph, String name, long... shape) {
    int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[elements];
    double scale = shape.length == 1 ? 0.1 : 1 / Math.sqrt((double) elements / shape[0]);
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    return graph.floats(name, values, shape);
  }

  private String convolution(Graph graph, String x, String name, int outputs, int inputs) {
    String w = weight(graph, name, outputs, inputs, 3, 3);
    String b = weight(graph, name + "_bias", outputs);
    return graph.node(
        "Relu", List.of(graph.node("Conv", List.of(x, w, b), Graph.integers("pads", 1, 1, 1, 1))));
  }

  private String pooled(Graph graph, String x) {
    return graph.node("Flatten", List.of(graph.node("GlobalAveragePool", List.of(x))));
  }

  private String scores(Graph graph, String x, int classes, int channels) {
    String w = weight(graph, "head", classes, channels);
    return graph.node("Gemm", List.of(x, w), Graph.integer("transB", 1));
  }

  @Test
  void reshapes_to_a_folded_width_are_walked() {
    Graph graph = new Graph(13);
    String x = convolution(graph, graph.input("image", -1, 3, 6, 6), "first", 16, 3);
    String flat = graph.node("Reshape", List.of(x, graph.longs("flat", 0, 16, 36)));
    String back = graph.node("Reshape", List.of(flat, graph.longs("back", 0, 16, 6, 6)));
    String y = convolution(graph, back, "second", 12, 16);
    graph.node("Identity", List.of(scores(graph, pooled(graph, y), 5, 12)), List.of("scores"));

    FoldReport report = fold(graph.output("scores"));

    assertThat(report.quality()).isPresent();
  }

  @Test
  void a_network_that_ends_in_a_place_is_judged_by_what_the_place_is_found_in() {
    Graph graph = new Graph(13);
    String x = convolution(graph, graph.input("image", -1, 3, 6, 6), "first", 16, 3);
    String y = convolution(graph, x, "second", 12, 16);
    String w = weight(graph, "head", 5, 12, 1, 1);
    String map = graph.node("Conv", List.of(y, w));
    graph.node(
        "ArgMax",
        List.of(map),
        List.of("label"),
        Graph.integer("axis", 1),
        Graph.integer("keepdims", 0));
    graph.output("label");
    graph
        .proto()
        .getOutputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(TensorProto.DataType.INT64_VALUE);

    Quality quality = fold(graph).quality().orElseThrow();

    assertThat(quality.measure()).isEqualTo("fidelity");
    assertThat(quality.outputs()).extracting(Quality.Output::name).containsExactly(map);
  }

  @Test
  void an_input_without_axes_is_the_same_for_all_samples() {
    Graph graph = new Graph(13);
    String image = graph.input("image", -1, 3, 6, 6);
    graph
        .proto()
        .addInput(
            ValueInfoProto.newBuilder()
                .setName("gain")
                .setType(
                    TypeProto.newBuilder()
                        .setTensorType(
                            TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.FLOAT_VALUE)
                                .setShape(
                                    ai.onnx.proto.OnnxMl.TensorShapeProto.getDefaultInstance()))));
    String x = convolution(graph, image, "first", 16, 3);
    String y = convolution(graph, graph.node("Mul", List.of(x, "gain")), "second", 12, 16);
    graph.node("Identity", List.of(scores(graph, pooled(graph, y), 5, 12)), List.of("scores"));

    FoldReport report = fold(graph.output("scores"), new InputSource.Made());

    assertThat(report.repairInputs()).contains("drawn");
  }

  @Test
  void classes_behind_a_reshape_to_computed_sizes_do_not_stop_inversion() {
    Graph graph = new Graph(13);
    String image = graph.input("image", -1, 3, 6, 6);
    String w = weight(graph, "first", 16, 3, 3, 3);
    String x = graph.node("Conv", List.of(image, w), Graph.integers("pads", 1, 1, 1, 1));
    float[] ones = new float[16];
    Arrays.fill(ones, 1);
    String scale = graph.floats("scale", ones, 16);
    String zero = graph.floats("zero", new float[16], 16);
    String n = graph.node("BatchNormalization", List.of(x, scale, zero, zero, scale));
    String p = graph.node("GlobalAveragePool", List.of(graph.node("Relu", List.of(n))));
    String batch =
        graph.node("Gather", List.of(graph.node("Shape", List.of(image)), graph.longs("at", 0)));
    String size =
        graph.node("Concat", List.of(batch, graph.longs("rest", -1)), Graph.integer("axis", 0));
    String flat = graph.node("Reshape", List.of(p, size));
    String head = weight(graph, "head", 16, 2);
    graph.node(
        "Softmax",
        List.of(graph.node("MatMul", List.of(flat, head))),
        List.of("scores"),
        Graph.integer("axis", 1));

    FoldReport report = fold(graph.output("scores"), new InputSource.Made());

    assertThat(report.repairInputs()).contains("made by the network");
  }

  @Test
  void a_network_that_reads_tokens_is_fitted_on_tokens_though_it_convolves() {
    Graph graph = new Graph(13);
    String tokens = graph.input("tokens", -1, 12);
    graph
        .proto()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(TensorProto.DataType.INT64_VALUE);
    String embedded = graph.node("Gather", List.of(weight(graph, "table", 30, 8), tokens));
    String x = graph.node("Transpose", List.of(embedded), Graph.integers("perm", 0, 2, 1));
    String made = graph.node("Conv", List.of(x, weight(graph, "kernel", 16, 8, 3)));
    String normalised =
        graph.node(
            "BatchNormalization",
            List.of(
                made,
                graph.floats("scale", ones(16), 16),
                weight(graph, "offset", 16),
                weight(graph, "mean", 16),
                graph.floats("variance", ones(16), 16)));
    String y = pooled(graph, graph.node("Relu", List.of(normalised)));
    graph.node("Identity", List.of(scores(graph, y, 5, 16)), List.of("scores"));

    FoldReport report = fold(graph.output("scores"), new InputSource.Made(), Repair.AUTO);

    assertThat(report.repair()).isEqualTo(Repair.LEAST_SQUARES.spelling());
    assertThat(report.quality()).isPresent();
  }

  @Test
  void an_input_that_is_no_batch_beside_others_that_are_is_the_same_for_all() {
    Graph graph = new Graph(13);
    String image = graph.input("image", -1, 3, 6, 6);
    String state = graph.input("state", 4, 1, 5);
    String x = convolution(graph, image, "first", 16, 3);
    String scores = scores(graph, pooled(graph, convolution(graph, x, "second", 12, 16)), 5, 12);
    graph.longs("place", 2);
    String begun = graph.node("Gather", List.of(state, "place"), Graph.integer("axis", 0));
    String flat = graph.node("Reshape", List.of(begun, graph.longs("row", 1, 5)));
    graph.node("Add", List.of(scores, flat), List.of("scores"));

    FoldReport report = fold(graph.output("scores"), new InputSource.Made(), Repair.AUTO);

    assertThat(report.repair()).isEqualTo(Repair.LEAST_SQUARES.spelling());
    assertThat(report.quality()).isPresent();
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
