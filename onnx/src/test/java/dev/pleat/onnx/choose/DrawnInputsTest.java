package dev.pleat.onnx.choose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DrawnInputsTest {
  private static final Path VGG = Path.of("src/test/resources/networks/vgg-bn.onnx");

  @TempDir private Path folder;

  private static DrawnInputs draw(OnnxModel model, int threads) {
    return DrawnInputs.of(model, Map.of(), OptionalInt.of(64), 0, threads, Progress.SILENT);
  }

  private static float[] values(DrawnInputs drawn) {
    Map<String, TensorValue> all = drawn.inputs().batch(0, drawn.inputs().count());
    return ((TensorValue.Floats) Objects.requireNonNull(all.get("image"))).values();
  }

  @Test
  void the_same_seed_draws_the_same_inputs_at_any_number_of_threads() {
    OnnxModel model = ModelReader.read(VGG);

    DrawnInputs one = draw(model, 1);

    assertThat(one.inputs().count()).isEqualTo(64);
    assertThat(values(draw(model, 2))).isEqualTo(values(one));
  }

  @Test
  void a_network_that_takes_bytes_is_given_bytes() {
    OnnxModel numbers = ModelReader.read(VGG);
    OnnxModel bytes = ModelReader.read(scaled(numbers, 1 / 255f, 0));

    // It was trained on (pixel / 255 - 0.286) / 0.353, which lies between the two.
    assertThat(draw(numbers, 2).inputs().description()).contains("[-1, 1]").doesNotContain("255");
    assertThat(draw(bytes, 2).inputs().description()).contains("255").doesNotContain("[-1, 1]");
  }

  @Test
  void a_network_that_normalises_by_itself_is_given_neither_normalised_pictures_nor_bytes() {
    OnnxModel model = ModelReader.read(VGG);

    assertThat(
            draw(ModelReader.read(scaled(model, 1 / 0.353f, -0.286f / 0.353f)), 2)
                .inputs()
                .description())
        .contains("[0, 1]")
        .doesNotContain("ImageNet", "255");
  }

  /** The same network behind a factor and an offset. */
  private Path scaled(OnnxModel model, float factor, float offset) {
    GraphProto.Builder graph = model.graph().toBuilder().clearNode();
    graph.addInitializer(
        TensorEncoder.floats("factor", new Tensor(new int[] {1}, new float[] {factor})));
    graph.addInitializer(
        TensorEncoder.floats("offset", new Tensor(new int[] {1}, new float[] {offset})));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Mul")
            .addInput("image")
            .addInput("factor")
            .addOutput("product"));
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType("Add")
            .addInput("product")
            .addInput("offset")
            .addOutput("x"));
    for (NodeProto node : model.nodes()) {
      NodeProto.Builder next = node.toBuilder();
      for (int i = 0; i < node.getInputCount(); i++) {
        if (node.getInput(i).equals("image")) {
          next.setInput(i, "x");
        }
      }
      graph.addNode(next);
    }
    Path file = folder.resolve("scaled.onnx");
    ModelWriter.write(model, model.proto().toBuilder().setGraph(graph).build(), file);
    return file;
  }

  @Test
  void a_network_that_gives_no_numbers_for_any_picture_is_refused() {
    Graph graph = new Graph(17);
    String image = graph.input("image", 1, 3, 16, 16);
    String negative = graph.floats("minus", new float[] {-1}, 1);
    String square = graph.node("Mul", List.of(graph.node("Mul", List.of(image, image)), negative));
    String shifted = graph.node("Add", List.of(square, negative));
    graph.node("Sqrt", List.of(shifted), List.of("scores"));
    OnnxModel model = ModelReader.read(graph.output("scores").write(folder.resolve("nan.onnx")));

    assertThatThrownBy(() -> draw(model, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("nan.onnx")
        .hasMessageContaining("no numbers")
        .hasMessageContaining("--data");
  }

  private static float[] random(int count) {
    Random random = new Random(1);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** How alike neighbours along the last axis or the one before are, -1 to 1. */
  private static double likeness(float[] values, int columns, int apart) {
    double mean = 0;
    for (float value : values) {
      mean += value / values.length;
    }
    double together = 0;
    double each = 0;
    for (int i = 0; i + apart < values.length; i++) {
      if (apart > 1 || (i + 1) % columns > 0) {
        together += (values[i] - mean) * (values[i + apart] - mean);
        each += (values[i] - mean) * (values[i] - mean);
      }
    }
    return together / each;
  }

  @Test
  void rows_of_more_channels_than_a_signal_has_are_drawn_as_pictures_as_spectrograms_are() {
    Graph graph = new Graph(17);
    String mel = graph.input("mel", 1, 64, 24);
    String weight = graph.floats("weight", random(4 * 64 * 3), 4, 64, 3);
    String convolved = graph.node("Conv", List.of(mel, weight));
    graph.node("Relu", List.of(convolved), List.of("scores"));
    OnnxModel model = ModelReader.read(graph.output("scores").write(folder.resolve("mel.onnx")));

    DrawnInputs drawn = draw(model, 2);

    assertThat(drawn.inputs().description()).contains("64 drawn pictures");
    TensorValue.Floats one =
        (TensorValue.Floats) Objects.requireNonNull(drawn.inputs().batch(3, 4).get("mel"));
    assertThat(one.shape()).containsExactly(1, 64, 24);
    assertThat(likeness(one.values(), 24, 1)).isGreaterThan(0.5);
    assertThat(likeness(one.values(), 24, 24)).isGreaterThan(0.5);
  }

  @Test
  void colours_are_last_where_only_the_last_axis_is_as_short_as_they_are() {
    Graph graph = new Graph(17);
    String image = graph.input("image", 1, 40, 32, 1);
    String shape = graph.longs("shape", 1, 1, 40, 32);
    String weight = graph.floats("weight", random(4 * 9), 4, 1, 3, 3);
    String first = graph.node("Reshape", List.of(image, shape));
    String convolved = graph.node("Conv", List.of(first, weight));
    graph.node("Relu", List.of(convolved), List.of("scores"));
    OnnxModel model = ModelReader.read(graph.output("scores").write(folder.resolve("last.onnx")));

    assertThat(draw(model, 2).inputs().description()).contains("64 drawn pictures");
  }

  @Test
  void features_are_neither_pictures_nor_signals() {
    Graph graph = new Graph(17);
    String features = graph.input("features", 1, 512);
    String weight = graph.floats("weight", new float[512 * 2], 512, 2);
    graph.node("MatMul", List.of(features, weight), List.of("scores"));
    OnnxModel model = ModelReader.read(graph.output("scores").write(folder.resolve("mlp.onnx")));

    assertThatThrownBy(() -> draw(model, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("features");
  }
}
