package dev.pleat.core.group;

/**
 * Where the elements of one position of a {@link Slot} lie in a row-major tensor: {@code outer}
 * runs of {@code run} consecutive elements, {@code stride} apart.
 *
 * @param size indices of the axis
 * @param partitions chunks of axis 0
 * @param chunk elements of one chunk of axis 0
 * @param outer number of runs
 * @param stride distance between the starts of two runs
 * @param run consecutive elements
 */
public record AxisView(int size, int partitions, int chunk, int outer, int stride, int run) {

  /** The view of a slot's axis for a tensor of this shape. */
  public static AxisView of(int[] shape, int axis, int partitions) {
    int outer = 1;
    for (int i = 0; i < axis; i++) {
      outer *= shape[i];
    }
    int run = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      run *= shape[i];
    }
    int stride = shape[axis] * run;
    int outerOfChunk = outer / partitions;
    return new AxisView(shape[axis], partitions, outerOfChunk * stride, outerOfChunk, stride, run);
  }

  /** Index of the first element of a position, in [0, partitions × size). */
  public int start(int position) {
    return position / size * chunk + position % size * run;
  }

  /** Elements of one position. */
  public int length() {
    return outer * run;
  }
}
