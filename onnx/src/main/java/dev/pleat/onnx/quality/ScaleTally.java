package dev.pleat.onnx.quality;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Errors, variations and norms of an output by the index of one of its axes. Where an axis holds
 * values of different units, such as the coordinates in pixels and the scores of a detector, one
 * sum over all of them says nothing of the small ones; each index then counts alike.
 */
final class ScaleTally {
  /** Mean squares so far apart are of different units. */
  private static final double DIFFERENT = 1e3;

  /** No more than a fidelity of −1. */
  private static final double WORST = 2;

  private final int size;
  private final int stride;
  private final double[] error;
  private final double[] variation;
  private final double[] norm;

  /**
   * A tally.
   *
   * @param size indices of the axis
   * @param stride elements between neighbouring indices
   */
  ScaleTally(int size, int stride) {
    this.size = size;
    this.stride = stride;
    this.error = new double[size];
    this.variation = new double[size];
    this.norm = new double[size];
  }

  /** Adds what one element gave, by its place in the output of one input. */
  void add(int element, double squaredError, double deviation, double square) {
    int index = element / stride % size;
    error[index] += squaredError;
    variation[index] += deviation;
    norm[index] += square;
  }

  /** Whether the axis holds values of different units. */
  boolean isMixed() {
    double largest = Arrays.stream(norm).max().orElse(0);
    return IntStream.range(0, size).anyMatch(i -> varies(i) && DIFFERENT * norm[i] < largest);
  }

  private boolean varies(int index) {
    return variation[index] > FidelityTally.CONSTANT * norm[index];
  }

  /** The mean over the indices that vary of the share of the variation that is wrong. */
  double error() {
    double sum = 0;
    int varying = 0;
    for (int i = 0; i < size; i++) {
      if (varies(i)) {
        double share = error[i] / variation[i];
        sum += share < WORST ? share : WORST;
        varying++;
      }
    }
    return varying == 0 ? 0 : sum / varying;
  }
}
