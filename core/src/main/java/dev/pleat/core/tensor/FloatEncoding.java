package dev.pleat.core.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** How files store the floating-point values that can be folded: little-endian, without gaps. */
public enum FloatEncoding {
  /** IEEE 754 binary32. */
  F32(4),
  /** IEEE 754 binary64; computed in binary32. */
  F64(8),
  /** IEEE 754 binary16. */
  F16(2),
  /** The upper half of a binary32. */
  BF16(2);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int bytes;

  FloatEncoding(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /**
   * Decodes consecutive elements.
   *
   * @param data what the file holds, an array of elements
   * @param element index of the first element in {@code data}
   * @param values takes the elements from index {@code at} on
   * @throws IndexOutOfBoundsException when either does not hold them
   */
  public void decode(MemorySegment data, long element, float[] values, int at, int count) {
    MemorySegment from = data.asSlice(element * bytes, (long) count * bytes);
    switch (this) {
      case F32 -> MemorySegment.copy(from, FLOAT, 0, values, at, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          values[at + i] = (float) from.getAtIndex(DOUBLE, i);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          values[at + i] = Float.float16ToFloat(from.getAtIndex(SHORT, i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          values[at + i] = Float.intBitsToFloat(from.getAtIndex(SHORT, i) << 16);
        }
      }
    }
  }

  /**
   * Encodes consecutive elements, rounding to nearest even.
   *
   * @param values holds the elements from index {@code at} on
   * @param data takes them from its start
   * @throws IndexOutOfBoundsException when either does not hold them
   */
  public void encode(float[] values, int at, int count, MemorySegment data) {
    MemorySegment to = data.asSlice(0, (long) count * bytes);
    switch (this) {
      case F32 -> MemorySegment.copy(values, at, to, FLOAT, 0, count);
      case F64 -> {
        for (int i = 0; i < count; i++) {
          to.setAtIndex(DOUBLE, i, values[at + i]);
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          to.setAtIndex(SHORT, i, Float.floatToFloat16(values[at + i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          to.setAtIndex(SHORT, i, bfloat16(values[at + i]));
        }
      }
    }
  }

  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
