package dev.pleat.onnx.run;

/** A value that goes into or comes out of a model, row-major. The arrays are shared, not copied. */
public sealed interface TensorValue {

  /** The dimensions. */
  long[] shape();

  /** Floating-point values of any width, computed in binary32. */
  record Floats(long[] shape, float[] values) implements TensorValue {}

  /** Integers and booleans (0 and 1) of any width. */
  record Integers(long[] shape, long[] values) implements TensorValue {}

  /** The number of elements of a shape. */
  static int elements(long[] shape) {
    long elements = 1;
    for (long dimension : shape) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return Math.toIntExact(elements);
  }
}
