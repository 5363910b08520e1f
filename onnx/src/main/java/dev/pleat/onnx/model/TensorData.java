package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Reads the values of a {@code TensorProto}, wherever they are kept, after checking their size. */
final class TensorData {
  /** Of one element of any type. */
  private static final int MOST_BITS = 128;

  private TensorData() {}

  /**
   * The dimensions.
   *
   * @throws PleatException when one is negative, or they overflow as elements or as bits
   */
  static int[] shape(String name, TensorProto tensor) {
    int[] shape = new int[tensor.getDimsCount()];
    long elements = 1;
    for (int i = 0; i < shape.length; i++) {
      long dimension = tensor.getDims(i);
      if (dimension < 0 || dimension > Integer.MAX_VALUE) {
        throw new PleatException(
            "initializer '%s' has the dimension %d at axis %d; the file is damaged, export it again"
                .formatted(name, dimension, i));
      }
      shape[i] = (int) dimension;
      try {
        elements = Math.multiplyExact(elements, dimension);
        Math.multiplyExact(elements, MOST_BITS);
      } catch (ArithmeticException e) {
        throw new PleatException(
            "the dimensions %s of initializer '%s' overflow; the file is damaged, export it again"
                .formatted(tensor.getDimsList(), name),
            e);
      }
    }
    return shape;
  }

  /** The number of elements of checked dimensions. */
  static long elements(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
  }

  /** Whether the values lie in another file. */
  static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /**
   * Bits of one element of an ONNX type, 0 where elements have no fixed size (strings, unknown
   * types).
   */
  static int bits(int dataType) {
    return switch (dataType) {
      case 21, 22, 23 -> 4; // UINT4, INT4, FLOAT4E2M1
      case 2, 3, 9, 17, 18, 19, 20, 24 -> 8; // UINT8, INT8, BOOL, the FLOAT8 family
      case 4, 5, 10, 16 -> 16; // UINT16, INT16, FLOAT16, BFLOAT16
      case 1, 6, 12 -> 32; // FLOAT, INT32, UINT32
      case 7, 11, 13, 14 -> 64; // INT64, DOUBLE, UINT64, COMPLEX64
      case 15 -> 128; // COMPLEX128
      default -> 0;
    };
  }

  /**
   * Checks that an initializer kept inside the model has the bytes that its shape asks for.
   *
   * @throws PleatException when it has more or fewer
   */
  static void checkInline(String name, TensorProto tensor) {
    long elements = elements(tensor);
    int bits = bits(tensor.getDataType());
    if (bits == 0) {
      return;
    }
    if (tensor.hasRawData()) {
      long expected = (Math.multiplyExact(elements, bits) + 7) / 8;
      check(name, tensor, tensor.getRawData().size(), expected, "bytes");
      return;
    }
    int values =
        switch (tensor.getDataType()) {
          case TensorProto.DataType.FLOAT_VALUE -> tensor.getFloatDataCount();
          case TensorProto.DataType.DOUBLE_VALUE -> tensor.getDoubleDataCount();
          case TensorProto.DataType.INT64_VALUE -> tensor.getInt64DataCount();
          case TensorProto.DataType.UINT32_VALUE, TensorProto.DataType.UINT64_VALUE ->
              tensor.getUint64DataCount();
          case TensorProto.DataType.COMPLEX64_VALUE -> tensor.getFloatDataCount() / 2;
          case TensorProto.DataType.COMPLEX128_VALUE -> tensor.getDoubleDataCount() / 2;
          default -> tensor.getInt32DataCount();
        };
    check(name, tensor, values, bits == 4 ? (elements + 1) / 2 : elements, "values");
  }

  private static void check(String name, TensorProto t, long found, long expected, String what) {
    if (found != expected) {
      throw new PleatException(
          "initializer '%s' of shape %s needs %d %s but has %d; the file is damaged, export it again"
              .formatted(name, t.getDimsList(), expected, what, found));
    }
  }

  /** The floats of an initializer kept inside the model. */
  static float[] inlineFloats(TensorProto tensor, FloatFormat format, int count) {
    if (tensor.hasRawData()) {
      return format.decode(tensor.getRawData().asReadOnlyByteBuffer(), count);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (format) {
            case FLOAT -> tensor.getFloatData(i);
            case DOUBLE -> (float) tensor.getDoubleData(i);
            case FLOAT16 -> Float.float16ToFloat((short) tensor.getInt32Data(i));
            case BFLOAT16 -> Float.intBitsToFloat(tensor.getInt32Data(i) << 16);
          };
    }
    return values;
  }

  /** The integers of a small INT32 or INT64 tensor given as bytes or as values. */
  static long[] integers(TensorProto tensor, ByteBuffer raw) {
    int count = Math.toIntExact(elements(tensor));
    long[] values = new long[count];
    boolean wide = tensor.getDataType() == TensorProto.DataType.INT64_VALUE;
    if (raw.hasRemaining()) {
      ByteBuffer bytes = raw.duplicate().order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < count; i++) {
        values[i] = wide ? bytes.getLong() : bytes.getInt();
      }
      return values;
    }
    List<? extends Number> list = wide ? tensor.getInt64DataList() : tensor.getInt32DataList();
    for (int i = 0; i < count; i++) {
      values[i] = list.get(i).longValue();
    }
    return values;
  }
}
