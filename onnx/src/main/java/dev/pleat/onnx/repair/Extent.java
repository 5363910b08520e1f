package dev.pleat.onnx.repair;

/**
 * An axis of a row-major array: {@code outer} blocks of {@code size} runs of {@code inner} values.
 */
record Extent(int outer, int size, int inner) {

  /**
   * An axis of a shape.
   *
   * @param axis counted from the front, or from the back when negative
   */
  static Extent of(long[] shape, int axis) {
    int at = axis < 0 ? axis + shape.length : axis;
    int outer = 1;
    for (int d = 0; d < at; d++) {
      outer *= (int) shape[d];
    }
    int inner = 1;
    for (int d = at + 1; d < shape.length; d++) {
      inner *= (int) shape[d];
    }
    return new Extent(outer, (int) shape[at], inner);
  }

  /** Index of the first value of a run. */
  int start(int block, int position) {
    return (block * size + position) * inner;
  }
}
