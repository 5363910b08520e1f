package dev.pleat.onnx.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OnnxSessionTest {
  @TempDir Path folder;

  private TensorValue passed(DataType type, TensorValue value) {
    Path file =
        new TypedModel()
            .input("x", type, "n")
            .output("Identity", "y", type, "x")
            .write(folder.resolve(type + ".onnx"));
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      TensorValue out = session.run(Map.of("x", value)).get("y");
      assertThat(out).isNotNull();
      return out == null ? value : out;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16"})
  void floating_point_of_every_width_passes_through(DataType type) {
    float[] values = {0, -0.5f, 1.5f, 384, Float.NEGATIVE_INFINITY};
    TensorValue out = passed(type, new TensorValue.Floats(new long[] {5}, values));
    assertThat(out).isInstanceOf(TensorValue.Floats.class);
    assertThat(((TensorValue.Floats) out).values()).containsExactly(values);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"INT64", "INT32", "INT16", "INT8"})
  void signed_integers_of_every_width_pass_through(DataType type) {
    long[] values = {0, 1, -1, 127, -128};
    TensorValue out = passed(type, new TensorValue.Integers(new long[] {5}, values));
    assertThat(((TensorValue.Integers) out).values()).containsExactly(values);
  }

  @Test
  void unsigned_bytes_and_booleans_pass_through() {
    long[] values = {0, 1, 127, 128, 255};
    TensorValue bytes = passed(DataType.UINT8, new TensorValue.Integers(new long[] {5}, values));
    assertThat(((TensorValue.Integers) bytes).values()).containsExactly(values);
    TensorValue truth =
        passed(DataType.BOOL, new TensorValue.Integers(new long[] {2}, new long[] {0, 1}));
    assertThat(((TensorValue.Integers) truth).values()).containsExactly(0, 1);
  }

  @Test
  void bfloat16_is_rounded_to_nearest_even_and_stays_not_a_number() {
    float[] values = {0x1.01p0f, 0x1.03p0f, 1.005f, 1.003f, -1.005f, Float.NaN};
    TensorValue out = passed(DataType.BFLOAT16, new TensorValue.Floats(new long[] {6}, values));
    assertThat(((TensorValue.Floats) out).values())
        .containsExactly(1, 1.015625f, 1.0078125f, 1, -1.0078125f, Float.NaN);
  }

  @Test
  void external_data_is_found_beside_the_file() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(2).putFloat(3);
    Files.write(folder.resolve("weights.bin"), bytes.array());
    TypedModel model =
        new TypedModel()
            .input("x", DataType.FLOAT, "2")
            .output("Mul", "y", DataType.FLOAT, "x", "w");
    model
        .proto()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("w")
                .setDataType(DataType.FLOAT_VALUE)
                .addDims(2)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    StringStringEntryProto.newBuilder()
                        .setKey("location")
                        .setValue("weights.bin")));
    try (OnnxSession session = OnnxSession.open(model.write(folder.resolve("m.onnx")), 1)) {
      TensorValue out =
          session
              .run(Map.of("x", new TensorValue.Floats(new long[] {2}, new float[] {10, 10})))
              .get("y");
      assertThat(out).isInstanceOf(TensorValue.Floats.class);
      assertThat(((TensorValue.Floats) java.util.Objects.requireNonNull(out)).values())
          .containsExactly(20, 30);
    }
  }

  @Test
  void what_the_runtime_refuses_is_one_line_with_the_file() throws IOException {
    Path rubbish = Files.writeString(folder.resolve("rubbish.onnx"), "no model");
    assertThatThrownBy(() -> OnnxSession.open(rubbish, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("rubbish.onnx")
        .message()
        .hasLineCount(1);
    Path file =
        new TypedModel()
            .input("x", DataType.FLOAT, "2")
            .output("Identity", "y", DataType.FLOAT, "x")
            .write(folder.resolve("m.onnx"));
    TensorValue three = new TensorValue.Floats(new long[] {3}, new float[3]);
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      assertThatThrownBy(() -> session.run(Map.of("x", three)))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("m.onnx")
          .message()
          .hasLineCount(1);
      assertThatThrownBy(() -> session.run(Map.of("z", three)))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("no input 'z'");
    }
  }
}
