package dev.pleat.core.tensor;

import dev.pleat.core.PleatException;
import java.util.Arrays;

/**
 * A dense tensor in row-major order. The arrays are shared, not copied: whoever makes a tensor
 * hands them over.
 */
public final class Tensor {
  private final int[] shape;
  private final float[] values;

  /**
   * Wraps the values.
   *
   * @throws IllegalArgumentException when the shape does not hold exactly these values
   */
  public Tensor(int[] shape, float[] values) {
    if (size(shape) != values.length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + values.length + " values");
    }
    this.shape = shape;
    this.values = values;
  }

  /** The dimensions. */
  public int[] shape() {
    return shape;
  }

  /** The values, row-major. */
  public float[] values() {
    return values;
  }

  /** The number of elements of a shape. */
  public static long size(int[] shape) {
    long size = 1;
    for (int dimension : shape) {
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  /**
   * The number of elements of a shape that has to fit one Java array.
   *
   * @throws PleatException when it does not
   */
  public static int arraySize(String name, int[] shape) {
    long size = size(shape);
    if (size > Integer.MAX_VALUE - 8) {
      throw new PleatException(
          "tensor '%s' has %d elements, more than the %d that can be folded; exclude its group"
              .formatted(name, size, Integer.MAX_VALUE - 8));
    }
    return (int) size;
  }
}
