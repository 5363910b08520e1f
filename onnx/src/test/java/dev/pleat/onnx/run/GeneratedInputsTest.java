package dev.pleat.onnx.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GeneratedInputsTest {
  @TempDir Path folder;

  private Map<String, TensorValue> generate(
      TypedModel model, Map<String, long[]> shapes, long seed) {
    try (OnnxSession session = OnnxSession.open(model.write(folder.resolve("m.onnx")), 1)) {
      return GeneratedInputs.firstThatRuns(session, shapes, seed);
    }
  }

  private long[] shape(TypedModel model, Map<String, long[]> shapes, String input) {
    return GeneratedInputs.shapes(generate(model, shapes, 0)).getOrDefault(input, new long[0]);
  }

  private static TypedModel identity(DataType type, String name, String... dimensions) {
    return new TypedModel().input(name, type, dimensions).output("Identity", "y", type, name);
  }

  /** A convolution that takes images of so many channels and at least 3 × 3 pixels. */
  private static TypedModel convolution(int channels, String... dimensions) {
    TypedModel model =
        new TypedModel()
            .input("x", DataType.FLOAT, dimensions)
            .output("Conv", "y", DataType.FLOAT, "x", "w");
    TensorProto.Builder weight =
        model.proto().addInitializerBuilder().setName("w").setDataType(DataType.FLOAT_VALUE);
    weight.addDims(1).addDims(channels).addDims(3).addDims(3);
    for (int i = 0; i < channels * 9; i++) {
      weight.addFloatData(1);
    }
    return model;
  }

  /** Runs with a second axis of 16,000 only. */
  private static TypedModel long16000(DataType type) {
    TypedModel model =
        new TypedModel().input("x", type, "B", "S").output("Reshape", "y", type, "x", "shape");
    model
        .proto()
        .addInitializerBuilder()
        .setName("shape")
        .setDataType(DataType.INT64_VALUE)
        .addDims(2)
        .addInt64Data(0)
        .addInt64Data(16_000);
    return model;
  }

  @Test
  void a_second_of_sound_is_tried_but_no_text_of_16000_tokens() {
    assertThat(shape(long16000(DataType.FLOAT), Map.of(), "x")).containsExactly(1, 16_000);
    assertThatThrownBy(() -> generate(long16000(DataType.INT64), Map.of(), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--input-shape x=");
    assertThat(shape(long16000(DataType.INT64), Map.of("x", new long[] {1, 16_000}), "x"))
        .containsExactly(1, 16_000);
  }

  private static float[] floats(Map<String, TensorValue> values) {
    return ((TensorValue.Floats) values.values().iterator().next()).values();
  }

  private static long[] integers(Map<String, TensorValue> values) {
    return ((TensorValue.Integers) values.values().iterator().next()).values();
  }

  @Test
  void the_seed_decides_the_numbers() {
    TypedModel model = identity(DataType.FLOAT, "x", "1000");
    float[] values = floats(generate(model, Map.of(), 1));
    assertThat(floats(generate(model, Map.of(), 1))).containsExactly(values);
    assertThat(floats(generate(model, Map.of(), 2))).isNotEqualTo(values);
    double square = 0;
    for (float value : values) {
      square += value * value / 1000;
    }
    assertThat(square).isBetween(0.8, 1.2);
  }

  @Test
  void integers_are_tokens_and_masks_alike() {
    TypedModel tokens = identity(DataType.INT64, "input_ids", "1", "64");
    assertThat(integers(generate(tokens, Map.of(), 0))).contains(0, 1).containsOnly(0, 1);
    TypedModel mask = identity(DataType.INT64, "attention_mask", "1", "64");
    assertThat(integers(generate(mask, Map.of(), 0))).containsOnly(1);
    TypedModel truth = identity(DataType.BOOL, "use", "8");
    assertThat(integers(generate(truth, Map.of(), 0))).containsOnly(1);
  }

  @Test
  void millions_of_tokens_are_not_tried_and_as_many_pixels_are() {
    assertThatThrownBy(() -> generate(identity(DataType.INT64, "ids", "1", "4194304"), Map.of(), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("'ids' [1, 4194304]", "1048576 tokens, are too many to try");
    assertThat(shape(identity(DataType.FLOAT, "x", "1", "4194304"), Map.of(), "x"))
        .containsExactly(1, 4194304);
  }

  @Test
  void open_pixels_are_found_by_trying() {
    assertThat(shape(convolution(3, "N", "3", "H", "W"), Map.of(), "x"))
        .containsExactly(1, 3, 224, 224);
  }

  @Test
  void open_channels_are_found_by_trying() {
    assertThat(shape(convolution(3, "N", "C", "H", "W"), Map.of(), "x"))
        .containsExactly(1, 3, 224, 224);
    assertThat(shape(convolution(1, "", "", "", ""), Map.of(), "x"))
        .containsExactly(1, 1, 224, 224);
  }

  @Test
  void given_sizes_reach_other_inputs_by_the_names_of_their_dimensions() {
    TypedModel model =
        new TypedModel()
            .input("ids", DataType.INT64, "batch", "sequence")
            .input("attention_mask", DataType.INT64, "batch", "sequence")
            .output("Mul", "y", DataType.INT64, "ids", "attention_mask");
    assertThat(shape(model, Map.of("ids", new long[] {3, 50}), "attention_mask"))
        .containsExactly(3, 50);
    assertThat(shape(model, Map.of("attention_mask", new long[] {3, 50}), "ids"))
        .containsExactly(3, 50);
  }

  @Test
  void sizes_beyond_memory_are_refused_and_not_tried() {
    assertThatThrownBy(
            () -> generate(identity(DataType.FLOAT, "x", "1", "3", "70000", "70000"), Map.of(), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("'x'", "70000");
    assertThatThrownBy(() ->
            generate(
                identity(DataType.FLOAT, "x", "N", "3", "H", "W"),
                Map.of("x", new long[] {1, 3, 999_999_999, 999_999_999}),
                0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("'x'", "999999999");
    assertThat(shape(identity(DataType.FLOAT, "x", "N", "a", "b", "c", "d", "e"), Map.of(), "x"))
        .satisfies(
            s -> assertThat(Arrays.stream(s).reduce(1, (a, b) -> a * b)).isLessThan(1 << 28));
  }

  @Test
  void given_sizes_of_no_input_are_refused() {
    TypedModel two =
        new TypedModel()
            .input("a", DataType.FLOAT, "n")
            .input("b", DataType.FLOAT, "n")
            .output("Mul", "y", DataType.FLOAT, "a", "b");
    assertThatThrownBy(() -> generate(two, Map.of("c", new long[] {2}), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("'c'", "[a, b]");
    assertThatThrownBy(() -> generate(two, Map.of("*", new long[] {2}), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("only input", "[a, b]");
    assertThatThrownBy(() -> generate(two, Map.of("a", new long[] {2, 2}), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("[2, 2]", "'a'");
  }

  @Test
  void a_model_that_nothing_runs_names_its_inputs_and_the_option() {
    TypedModel model = convolution(7, "N", "C", "H", "W");
    assertThatThrownBy(() -> generate(model, Map.of(), 0))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("x [-1, -1, -1, -1]", "--input-shape x=", "[1, 3, 224, 224] and")
        .message()
        .hasLineCount(1)
        .as("a hint with as many sizes as the input has")
        .containsPattern("--input-shape x=[0-9]+x[0-9]+x[0-9]+x[0-9]+([^x0-9]|$)");
    assertThat(shape(model, Map.of("*", new long[] {1, 7, 5, 5}), "x")).containsExactly(1, 7, 5, 5);
  }
}
