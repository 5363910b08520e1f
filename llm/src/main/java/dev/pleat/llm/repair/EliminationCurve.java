package dev.pleat.llm.repair;

/**
 * How the error of a block's outputs grows as neurons go and its down projection is fitted again:
 * as {@link FunctionalGram#changes} finds it down to half of the neurons, beyond as the power of
 * those gone that joins its values at three quarters and at half. (An elimination to the end would
 * take eight times as long.)
 */
final class EliminationCurve {
  private static final double LEAST_POWER = 1;
  private static final double MOST_POWER = 8;

  private EliminationCurve() {}

  /** Neurons down to which it is found. */
  static int fewest(int width) {
    return Math.max(1, width / 2);
  }

  /**
   * The error by the neurons that stay, from 0 to all; never rising.
   *
   * @param fewest as above
   */
  static double[] of(FunctionalGram gram, int fewest) {
    int n = gram.size();
    double[] curve = new double[n + 1];
    if (gram.activations().trace() > 0) {
      curve = gram.changes(fewest);
    }
    double power = power(curve, n, fewest);
    for (int k = 0; k < fewest; k++) {
      curve[k] = curve[fewest] * Math.pow((double) (n - k) / (n - fewest), power);
    }
    return curve;
  }

  private static double power(double[] curve, int n, int fewest) {
    int fewer = (n - fewest) / 2;
    if (fewer == 0 || !(curve[n - fewer] > 0)) {
      return LEAST_POWER;
    }
    double power =
        Math.log(curve[fewest] / curve[n - fewer]) / Math.log((double) (n - fewest) / fewer);
    return Math.clamp(power, LEAST_POWER, MOST_POWER);
  }
}
