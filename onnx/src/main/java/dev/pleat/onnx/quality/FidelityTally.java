package dev.pleat.onnx.quality;

/**
 * The fidelity of one output: {@code 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖²} over all inputs, y being what the
 * original gives, ŷ what the folded model gives and ȳ the mean of y over the inputs, element by
 * element. It is 1 where both give the same and 0 where a constant would do as well.
 */
final class FidelityTally {
  /** Variation that is below this share of the squared norm is rounding. */
  private static final double CONSTANT = 1e-10;

  private double[] mean = {};
  private double variation;
  private double error;
  private double norm;
  private int samples;
  private boolean comparable = true;

  /**
   * Adds the output for one input, {@code length} values from {@code from} on in both arrays.
   * Elements that are not finite in the original, such as masked logits, are left out.
   */
  void add(float[] original, float[] folded, int from, int length) {
    if (samples == 0) {
      mean = new double[length];
    }
    if (length != mean.length) {
      comparable = false;
      return;
    }
    samples++;
    for (int i = 0; i < length; i++) {
      double y = original[from + i];
      if (!Double.isFinite(y)) {
        continue;
      }
      double difference = y - folded[from + i];
      error += difference * difference;
      norm += y * y;
      // Welford's update of mean and sum of squared deviations.
      double before = y - mean[i];
      mean[i] += before / samples;
      variation += before * (y - mean[i]);
    }
  }

  /** Counts an output that is of other sizes in both models. */
  void addOther() {
    comparable = false;
  }

  /** Whether this says anything: sizes agree, and the original's output is no constant. */
  boolean isMeasured() {
    return comparable && samples > 1 && variation > CONSTANT * norm;
  }

  /** Whether the original gives the same for all inputs. */
  boolean isConstant() {
    return comparable && samples > 1 && variation <= CONSTANT * norm;
  }

  /**
   * The share of the variation that the folded model gets wrong, at least 0; infinite where it
   * gives no numbers.
   */
  double error() {
    double share = error / variation;
    return Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
  }
}
