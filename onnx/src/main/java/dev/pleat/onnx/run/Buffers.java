package dev.pleat.onnx.run;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.pleat.core.PleatException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Optional;

/** Moves values between Java arrays and ONNX Runtime. */
final class Buffers {
  /** Of vector instructions. */
  private static final long ALIGNMENT = 64;

  private Buffers() {}

  /**
   * A tensor of a value.
   *
   * @param memory holds its elements, and gives them back at once when it is closed after the
   *     tensor; what waits for the collector adds up to gigabytes
   */
  static OnnxTensor tensor(
      OrtEnvironment environment, Arena memory, OnnxJavaType type, TensorValue value)
      throws OrtException {
    return switch (value) {
      case TensorValue.Floats(long[] shape, float[] values) -> {
        ByteBuffer bytes = allocate(memory, values.length, type);
        yield type == OnnxJavaType.FLOAT
            ? OnnxTensor.createTensor(environment, bytes.asFloatBuffer().put(values).flip(), shape)
            : OnnxTensor.createTensor(environment, put(bytes, type, values), shape, type);
      }
      case TensorValue.Integers(long[] shape, long[] values) -> {
        ByteBuffer bytes = allocate(memory, values.length, type);
        yield type == OnnxJavaType.INT64
            ? OnnxTensor.createTensor(environment, bytes.asLongBuffer().put(values).flip(), shape)
            : OnnxTensor.createTensor(environment, put(bytes, type, values), shape, type);
      }
    };
  }

  private static ByteBuffer allocate(Arena memory, int elements, OnnxJavaType type) {
    return memory
        .allocate(Math.max(1, Math.multiplyExact(elements, type.size)), ALIGNMENT)
        .asByteBuffer()
        .limit(elements * type.size)
        .order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer put(ByteBuffer bytes, OnnxJavaType type, float[] values) {
    for (float value : values) {
      switch (type) {
        case DOUBLE -> bytes.putDouble(value);
        case FLOAT16 -> bytes.putShort(Float.floatToFloat16(value));
        case BFLOAT16 -> bytes.putShort(bfloat16(value));
        default -> throw new PleatException("a model input of type " + type + " got floats");
      }
    }
    return bytes.flip();
  }

  /** To nearest, ties to even; what is not a number stays so. */
  private static short bfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return (short) ((Float.isNaN(value) ? bits : bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  private static ByteBuffer put(ByteBuffer bytes, OnnxJavaType type, long[] values) {
    for (long value : values) {
      switch (type) {
        case INT32 -> bytes.putInt((int) value);
        case INT16 -> bytes.putShort((short) value);
        case INT8, UINT8, BOOL -> bytes.put((byte) value);
        default -> throw new PleatException("a model input of type " + type + " got integers");
      }
    }
    return bytes.flip();
  }

  /** The runtime gives a copy of its own, which is an array already. */
  private static float[] array(FloatBuffer copy, int count) {
    if (copy.hasArray() && copy.array().length == count) {
      return copy.array();
    }
    float[] values = new float[count];
    copy.get(values);
    return values;
  }

  /** Whether {@link #value} gives the values of a tensor of this type. */
  static boolean isNumeric(OnnxJavaType type) {
    return switch (type) {
      case FLOAT, FLOAT16, BFLOAT16, DOUBLE, INT64, INT32, INT16, INT8, UINT8, BOOL -> true;
      default -> false;
    };
  }

  /** The value of an output, empty for text. */
  static Optional<TensorValue> value(OnnxTensor tensor) {
    long[] shape = tensor.getInfo().getShape();
    int count = TensorValue.elements(shape);
    return switch (tensor.getInfo().type) {
      // The runtime widens both half formats itself.
      case FLOAT, FLOAT16, BFLOAT16 -> {
        yield Optional.of(new TensorValue.Floats(shape, array(tensor.getFloatBuffer(), count)));
      }
      case DOUBLE -> {
        var buffer = tensor.getDoubleBuffer();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) buffer.get(i);
        }
        yield Optional.of(new TensorValue.Floats(shape, values));
      }
      case INT64 -> {
        long[] values = new long[count];
        tensor.getLongBuffer().get(values);
        yield Optional.of(new TensorValue.Integers(shape, values));
      }
      case INT32 -> {
        IntBuffer buffer = tensor.getIntBuffer();
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] = buffer.get(i);
        }
        yield Optional.of(new TensorValue.Integers(shape, values));
      }
      case INT16, INT8, UINT8, BOOL -> {
        ByteBuffer buffer = tensor.getByteBuffer();
        OnnxJavaType type = tensor.getInfo().type;
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
          values[i] =
              switch (type) {
                case INT16 -> buffer.getShort(2 * i);
                case UINT8 -> buffer.get(i) & 0xff;
                default -> buffer.get(i);
              };
        }
        yield Optional.of(new TensorValue.Integers(shape, values));
      }
      default -> Optional.empty();
    };
  }
}
