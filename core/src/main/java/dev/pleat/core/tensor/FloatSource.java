package dev.pleat.core.tensor;

/** The values of a tensor, wherever they lie: row-major, read piece by piece. */
@FunctionalInterface
public interface FloatSource {
  /**
   * Copies consecutive values.
   *
   * @param from index of the first
   * @param to takes them from index {@code at} on
   * @throws IndexOutOfBoundsException when either does not hold them
   */
  void copy(int from, float[] to, int at, int count);

  /** Values in memory. */
  static FloatSource of(float[] values) {
    return (from, to, at, count) -> System.arraycopy(values, from, to, at, count);
  }
}
