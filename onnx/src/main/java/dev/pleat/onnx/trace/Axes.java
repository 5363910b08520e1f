package dev.pleat.onnx.trace;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** Axis lists as operators give them. */
final class Axes {
  private Axes() {}

  /**
   * The axes counted from the front; all of them where none are given; empty where one is out of
   * range.
   */
  static int[] of(Optional<long[]> given, int rank) {
    if (given.isEmpty()) {
      return IntStream.range(0, rank).toArray();
    }
    int[] axes = Arrays.stream(given.get()).mapToInt(a -> (int) (a < 0 ? a + rank : a)).toArray();
    boolean valid = Arrays.stream(axes).allMatch(axis -> axis >= 0 && axis < rank);
    return valid ? axes : new int[0];
  }

  /** An axis counted from the front. */
  static int of(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
