package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Sizes that depend on what is in an input: they are the same for all inputs that are tried, which
 * are small, and others for inputs with large values.
 */
final class FoundSizesTest {
  private final Graph graph = new Graph(17);
  private final Random random = new Random(5);

  @TempDir private Path folder;

  private float[] random(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** 16 channels and each of them again. */
  private String features(String image) {
    float[] half = random(16 * 3 * 9);
    float[] weight = Arrays.copyOf(half, 2 * half.length);
    System.arraycopy(half, 0, weight, half.length, half.length);
    graph.floats("first", weight, 32, 3, 3, 3);
    String hidden = graph.node("Conv", List.of(image, "first"), integers("pads", 1, 1, 1, 1));
    hidden = graph.node("Relu", List.of(hidden));
    graph.longs("rows", 1, 32);
    return graph.node("Reshape", List.of(graph.node("GlobalAveragePool", List.of(hidden)), "rows"));
  }

  /** Where values are above 100, as [count, 1]. */
  private String found(String image) {
    graph.floats("limit", new float[] {100});
    graph.longs("flat", -1);
    String values = graph.node("Reshape", List.of(image, "flat"));
    String places = graph.node("NonZero", List.of(graph.node("Greater", List.of(values, "limit"))));
    return graph.node(
        "Cast",
        List.of(graph.node("Transpose", List.of(places))),
        integer("to", TensorProto.DataType.FLOAT_VALUE));
  }

  private String size(String value, int axis) {
    return graph.node("Shape", List.of(value), integer("start", axis), integer("end", axis + 1L));
  }

  /** The places, one row each, as wide as the features and multiplied by them. */
  private Path network(String features, String places, String sizes) {
    String wide = graph.node("Expand", List.of(places, sizes));
    graph.longs("first axis", 0);
    String sum = graph.node("ReduceSum", List.of(wide, "first axis"), integer("keepdims", 1));
    graph.floats("one", new float[] {1});
    String scale = graph.node("Add", List.of(sum, "one"));
    graph.floats("last", random(32 * 4), 32, 4);
    String y = graph.node("MatMul", List.of(graph.node("Mul", List.of(features, scale)), "last"));
    graph.node("Identity", List.of(y), List.of("y"));
    return graph.output("y").write(folder.resolve("model.onnx"));
  }

  private float[] run(Path file, float[] image) {
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      Map<String, TensorValue> outputs =
          session.run(Map.of("image", new TensorValue.Floats(new long[] {1, 3, 4, 4}, image)));
      return ((TensorValue.Floats) Objects.requireNonNull(outputs.get("y"))).values();
    }
  }

  private void staysFree(Path model) {
    Path folded = folder.resolve("folded.onnx");
    assertThat(Folds.fold(model, folded, 0.5).groups().getFirst().after()).isEqualTo(16);
    float[] image = random(48);
    image[3] = 101;
    image[20] = 105;
    float[] expected = run(model, image);
    float[] actual = run(folded, image);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-4 * Math.abs(expected[i])));
    }
  }

  /** Exporters write {@code Where(sizes == -1, 1, sizes)} before each Expand. */
  @Test
  void stay_free_behind_the_guard_that_exporters_write() {
    String image = graph.input("image", 1, 3, 4, 4);
    String features = features(image);
    String places = found(image);
    String sizes =
        graph.node("Concat", List.of(size(places, 0), size(features, 1)), integer("axis", 0));
    graph.longs("inferred", -1, -1);
    graph.longs("ones", 1, 1);
    String guarded =
        graph.node(
            "Where", List.of(graph.node("Equal", List.of(sizes, "inferred")), "ones", sizes));

    staysFree(network(features, places, guarded));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Abs", "Identity"})
  void stay_free_beside_widths_that_are_computed(String operator) {
    String image = graph.input("image", 1, 3, 4, 4);
    String features = features(image);
    String places = found(image);
    String width = graph.node(operator, List.of(size(features, 1)));

    staysFree(
        network(
            features,
            places,
            graph.node("Concat", List.of(size(places, 0), width), integer("axis", 0))));
  }
}
