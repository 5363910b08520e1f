package dev.pleat.llm.repair;

/** Compares the outputs of two blocks, position by position. */
final class OutputError {
  private final double[] sums;
  private final double[] squares;
  private final double[] foldedSums;
  private final double[] foldedSquares;
  private double error;
  private long positions;

  /**
   * Nothing compared yet.
   *
   * @param outputs of a block, m
   */
  OutputError(int outputs) {
    sums = new double[outputs];
    squares = new double[outputs];
    foldedSums = new double[outputs];
    foldedSquares = new double[outputs];
  }

  /**
   * Compares at some positions.
   *
   * @param original m×count
   * @param folded m×count
   */
  void add(float[] original, float[] folded, int count) {
    for (int i = 0; i < sums.length; i++) {
      for (int s = i * count; s < (i + 1) * count; s++) {
        double a = original[s];
        double b = folded[s];
        sums[i] += a;
        squares[i] += a * a;
        foldedSums[i] += b;
        foldedSquares[i] += b * b;
        error += (a - b) * (a - b);
      }
    }
    positions += count;
  }

  /** The mean over positions of the squared distance, 0 without any. */
  double objective() {
    return positions > 0 ? error / positions : 0;
  }

  /** The squared distance over the square of the original's, 0 where that is 0. */
  double relative() {
    double square = 0;
    for (double s : squares) {
      square += s;
    }
    return square > 0 ? error / square : 0;
  }

  /** The mean over outputs of Var(folded)/Var(original); outputs that never vary are left out. */
  double varianceRatio() {
    double sum = 0;
    int counted = 0;
    for (int i = 0; i < sums.length; i++) {
      double variance = squares[i] - sums[i] * sums[i] / positions;
      if (variance > 0) {
        sum += (foldedSquares[i] - foldedSums[i] * foldedSums[i] / positions) / variance;
        counted++;
      }
    }
    return counted > 0 ? sum / counted : 1;
  }
}
