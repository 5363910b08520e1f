package dev.pleat.onnx.run;

import java.util.List;

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

  /**
   * Values one after the other along axis 0.
   *
   * @param pieces at least one, all of one kind and of equal sizes on the other axes; where they
   *     have no axis, the first stands for all
   */
  static TensorValue joined(List<TensorValue> pieces) {
    TensorValue first = pieces.getFirst();
    if (pieces.size() == 1 || first.shape().length == 0) {
      return first;
    }
    long[] shape = first.shape().clone();
    shape[0] = pieces.stream().mapToLong(piece -> piece.shape()[0]).sum();
    int elements = elements(shape);
    return switch (first) {
      case Floats floats -> {
        float[] values = new float[elements];
        int at = 0;
        for (TensorValue piece : pieces) {
          float[] part = ((Floats) piece).values();
          System.arraycopy(part, 0, values, at, part.length);
          at += part.length;
        }
        yield new Floats(shape, values);
      }
      case Integers integers -> {
        long[] values = new long[elements];
        int at = 0;
        for (TensorValue piece : pieces) {
          long[] part = ((Integers) piece).values();
          System.arraycopy(part, 0, values, at, part.length);
          at += part.length;
        }
        yield new Integers(shape, values);
      }
    };
  }
}
