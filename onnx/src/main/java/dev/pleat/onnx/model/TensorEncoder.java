package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes {@code TensorProto}s. */
public final class TensorEncoder {
  private TensorEncoder() {}

  /** A floating-point tensor in the element type of the constant that it replaces. */
  public static TensorProto floats(Constant original, String name, Tensor tensor) {
    FloatFormat format =
        FloatFormat.of(original.proto().getDataType())
            .orElseThrow(
                () -> new PleatException("tensor '%s' is not floating point".formatted(name)));
    ByteBuffer bytes = format.encode(tensor.values(), 0, tensor.values().length);
    TensorProto.Builder builder =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(original.proto().getDataType())
            .setRawData(UnsafeByteOperations.unsafeWrap(bytes));
    if (original.proto().hasDocString()) {
      builder.setDocString(original.proto().getDocString());
    }
    for (int dimension : tensor.shape()) {
      builder.addDims(dimension);
    }
    return builder.build();
  }

  /** A FLOAT tensor. */
  public static TensorProto floats(String name, Tensor tensor) {
    TensorProto.Builder builder =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .setRawData(
                UnsafeByteOperations.unsafeWrap(
                    FloatFormat.FLOAT.encode(tensor.values(), 0, tensor.values().length)));
    for (int dimension : tensor.shape()) {
      builder.addDims(dimension);
    }
    return builder.build();
  }

  /** An integer tensor in the element type and shape of the constant that it replaces. */
  public static TensorProto integers(Constant original, String name, long[] values) {
    return integers(original.proto().getDataType(), original.proto().getDimsList(), name, values);
  }

  /** An INT64 vector. */
  public static TensorProto vector(String name, long[] values) {
    return integers(
        TensorProto.DataType.INT64_VALUE, java.util.List.of((long) values.length), name, values);
  }

  /** INT64s of one shape. */
  public static TensorProto integers(String name, java.util.List<Long> dims, long[] values) {
    return integers(TensorProto.DataType.INT64_VALUE, dims, name, values);
  }

  /** A BOOL vector. */
  public static TensorProto mask(String name, boolean[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.BOOL_VALUE)
        .addDims(values.length)
        .setRawData(ByteString.copyFrom(bytes))
        .build();
  }

  private static TensorProto integers(
      int type, java.util.List<Long> dims, String name, long[] values) {
    boolean wide = type == TensorProto.DataType.INT64_VALUE;
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * (wide ? 8 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (wide) {
        bytes.putLong(value);
      } else {
        bytes.putInt(Math.toIntExact(value));
      }
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(type)
        .addAllDims(dims)
        .setRawData(ByteString.copyFrom(bytes.flip()))
        .build();
  }
}
