package dev.pleat.core.reconstruct;

/**
 * Adds rows up, each times its factor: the inner loop of everything here that is cubic. All arrays
 * are read at the same index, several of them for each value that is written, which is what the
 * compiler makes fast vector instructions of. The order of the additions is that of the rows.
 */
final class WeightedRows {
  private WeightedRows() {}

  /** Adds four rows to a part of another one: {@code sum[j] + a·first[j] + b·second[j] + …}. */
  static void add(
      double[] sum,
      int from,
      int to,
      double a,
      double[] first,
      double b,
      double[] second,
      double c,
      double[] third,
      double d,
      double[] fourth) {
    for (int j = from; j < to; j++) {
      sum[j] = sum[j] + a * first[j] + b * second[j] + c * third[j] + d * fourth[j];
    }
  }

  /** Adds one row to another one. */
  static void add(double[] sum, double factor, double[] row) {
    for (int j = 0; j < sum.length; j++) {
      sum[j] += factor * row[j];
    }
  }
}
