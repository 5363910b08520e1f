package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.pleat.core.tensor.FloatEncoding;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** The floating-point element types whose values can be folded, as little-endian bytes. */
public enum FloatFormat {
  /** IEEE 754 binary32. */
  FLOAT(DataType.FLOAT_VALUE, FloatEncoding.F32),
  /** IEEE 754 binary64; computed in binary32. */
  DOUBLE(DataType.DOUBLE_VALUE, FloatEncoding.F64),
  /** IEEE 754 binary16. */
  FLOAT16(DataType.FLOAT16_VALUE, FloatEncoding.F16),
  /** The upper half of a binary32. */
  BFLOAT16(DataType.BFLOAT16_VALUE, FloatEncoding.BF16);

  private final int code;
  private final FloatEncoding encoding;

  FloatFormat(int code, FloatEncoding encoding) {
    this.code = code;
    this.encoding = encoding;
  }

  /** The format of an ONNX {@code data_type}, empty for any other type. */
  public static Optional<FloatFormat> of(int dataType) {
    return Arrays.stream(values()).filter(format -> format.code == dataType).findFirst();
  }

  /** Bytes of one element. */
  public int bytes() {
    return encoding.bytes();
  }

  /** The ONNX {@code data_type}. */
  public int code() {
    return code;
  }

  /** Decodes {@code count} elements. */
  float[] decode(ByteBuffer data, int count) {
    float[] values = new float[count];
    encoding.decode(MemorySegment.ofBuffer(data), 0, values, 0, count);
    return values;
  }

  /** Encodes elements {@code from} to {@code to} (exclusive), rounding to nearest even. */
  ByteBuffer encode(float[] values, int from, int to) {
    ByteBuffer out = ByteBuffer.allocate(Math.multiplyExact(to - from, bytes()));
    encoding.encode(values, from, to - from, MemorySegment.ofBuffer(out));
    return out;
  }
}
