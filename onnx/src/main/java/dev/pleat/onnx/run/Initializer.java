package dev.pleat.onnx.run;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/**
 * A weight that a model names but does not hold. Its bytes are used where they are, without a copy,
 * and must stay valid as long as the session that uses it.
 *
 * @param name the initializer's name in the model
 * @param encoding how its values are stored
 * @param shape its dimensions
 * @param bytes its values, in native memory
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Initializer(String name, FloatEncoding encoding, long[] shape, MemorySegment bytes) {

  OnnxTensor tensor(OrtEnvironment environment) throws OrtException {
    if (bytes.byteSize() > Integer.MAX_VALUE) {
      throw new PleatException(
          "tensor '%s' has %d bytes, at most %d can be run"
              .formatted(name, bytes.byteSize(), Integer.MAX_VALUE));
    }
    return OnnxTensor.createTensor(
        environment, aligned().asByteBuffer().order(ByteOrder.nativeOrder()), shape, type());
  }

  /** A file may place a tensor anywhere, a processor may not. */
  private MemorySegment aligned() {
    if (bytes.address() % encoding.bytes() == 0) {
      return bytes;
    }
    return Arena.ofAuto().allocate(bytes.byteSize(), encoding.bytes()).copyFrom(bytes);
  }

  private OnnxJavaType type() {
    return switch (encoding) {
      case F32 -> OnnxJavaType.FLOAT;
      case F64 -> OnnxJavaType.DOUBLE;
      case F16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
    };
  }
}
