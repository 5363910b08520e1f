package dev.pleat.onnx.data;

import dev.pleat.onnx.run.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** Element types of NumPy arrays, as little-endian bytes. */
enum NpyType {
  FLOAT16("<f2", 2),
  FLOAT32("<f4", 4),
  FLOAT64("<f8", 8),
  INT64("<i8", 8),
  INT32("<i4", 4),
  UINT8("|u1", 1),
  BOOL("|b1", 1);

  private final String description;
  private final int bytes;

  NpyType(String description, int bytes) {
    this.description = description;
    this.bytes = bytes;
  }

  /** The type that a header's {@code descr} names. */
  static Optional<NpyType> of(String description) {
    return Arrays.stream(values()).filter(type -> type.description.equals(description)).findFirst();
  }

  /** All descriptions, for messages. */
  static String known() {
    return Arrays.stream(values()).map(t -> t.description).collect(Collectors.joining(", "));
  }

  /** What a header's {@code descr} says. */
  String description() {
    return description;
  }

  /** Bytes of one element. */
  int bytes() {
    return bytes;
  }

  /** The elements; those of 64-bit floating point are rounded to binary32. */
  TensorValue decode(ByteBuffer data, long[] shape) {
    ByteBuffer in = data.order(ByteOrder.LITTLE_ENDIAN);
    int count = TensorValue.elements(shape);
    return switch (this) {
      case FLOAT16, FLOAT32, FLOAT64 -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] =
              switch (this) {
                case FLOAT16 -> Float.float16ToFloat(in.getShort());
                case FLOAT32 -> in.getFloat();
                default -> (float) in.getDouble();
              };
        }
        yield new TensorValue.Floats(shape, values);
      }
      case INT64, INT32, UINT8, BOOL -> {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] =
              switch (this) {
                case INT64 -> in.getLong();
                case INT32 -> in.getInt();
                case UINT8 -> in.get() & 0xff;
                default -> in.get() == 0 ? 0 : 1;
              };
        }
        yield new TensorValue.Integers(shape, values);
      }
    };
  }
}
