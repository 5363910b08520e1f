package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/** The floating-point element types whose values can be folded, as little-endian bytes. */
public enum FloatFormat {
  /** IEEE 754 binary32. */
  FLOAT(DataType.FLOAT_VALUE, 4),
  /** IEEE 754 binary64; computed in binary32. */
  DOUBLE(DataType.DOUBLE_VALUE, 8),
  /** IEEE 754 binary16. */
  FLOAT16(DataType.FLOAT16_VALUE, 2),
  /** The upper half of a binary32. */
  BFLOAT16(DataType.BFLOAT16_VALUE, 2);

  private final int code;
  private final int bytes;

  FloatFormat(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The format of an ONNX {@code data_type}, empty for any other type. */
  public static Optional<FloatFormat> of(int dataType) {
    return Arrays.stream(values()).filter(format -> format.code == dataType).findFirst();
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The ONNX {@code data_type}. */
  public int code() {
    return code;
  }

  /** Decodes {@code count} elements. */
  float[] decode(ByteBuffer data, int count) {
    ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[count];
    switch (this) {
      case FLOAT -> bytes.asFloatBuffer().get(values);
      case DOUBLE -> {
        var doubles = bytes.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = (float) doubles.get(i);
        }
      }
      case FLOAT16 -> {
        var shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = Float.float16ToFloat(shorts.get(i));
        }
      }
      case BFLOAT16 -> {
        var shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          values[i] = Float.intBitsToFloat(shorts.get(i) << 16);
        }
      }
    }
    return values;
  }

  /** Encodes elements {@code from} to {@code to} (exclusive), rounding to nearest even. */
  ByteBuffer encode(float[] values, int from, int to) {
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(to - from, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < to; i++) {
      switch (this) {
        case FLOAT -> out.putFloat(values[i]);
        case DOUBLE -> out.putDouble(values[i]);
        case FLOAT16 -> out.putShort(Float.floatToFloat16(values[i]));
        case BFLOAT16 -> out.putShort(bfloat16(values[i]));
      }
    }
    return out.flip();
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
