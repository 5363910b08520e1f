package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.TensorProto;

/**
 * A value that the model holds: an initializer or the output of a Constant node.
 *
 * @param name the value's name
 * @param proto its tensor
 * @param shape its dimensions
 */
public record Constant(String name, TensorProto proto, int[] shape) {

  /** Number of elements. */
  public long elements() {
    return TensorData.elements(proto);
  }

  /** Whether folding can change its values. */
  public boolean isFloat() {
    return FloatFormat.of(proto.getDataType()).isPresent();
  }

  /** Bytes of one element in the file, 0 where elements have no fixed size. */
  public int elementBytes() {
    return TensorData.bits(proto.getDataType()) / 8;
  }
}
