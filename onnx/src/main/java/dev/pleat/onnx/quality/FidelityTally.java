package dev.pleat.onnx.quality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The fidelity of one output: {@code 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖²} over all inputs, y being what the
 * original gives, ŷ what the folded model gives and ȳ the mean of y over the inputs, element by
 * element. It is 1 where both give the same and 0 where a constant would do as well. Of an output
 * with an axis that holds values of different units it is the mean over that axis.
 */
final class FidelityTally {
  /** Variation that is below this share of the squared norm is rounding. */
  static final double CONSTANT = 1e-10;

  /** Longer axes hold places, not kinds of values. */
  private static final int MOST_KINDS = 256;

  private final List<ScaleTally> scales = new ArrayList<>();
  private double[] mean = {};
  private double variation;
  private double error;
  private double norm;
  private int samples;
  private boolean comparable = true;

  /**
   * Adds the output for one input, from {@code from} on in both arrays. Elements that are not
   * finite in the original, such as masked logits, are left out.
   *
   * @param axes sizes of the output's axes, that of the batch apart
   */
  void add(float[] original, float[] folded, int from, int[] axes) {
    int length = 1;
    for (int size : axes) {
      length *= size;
    }
    if (samples == 0) {
      mean = new double[length];
      watchScales(axes, length);
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
      double deviation = before * (y - mean[i]);
      variation += deviation;
      for (ScaleTally scale : scales) {
        scale.add(i, difference * difference, deviation, y * y);
      }
    }
  }

  private void watchScales(int[] axes, int length) {
    int last = axes.length - 1;
    if (last < 1) {
      return;
    }
    if (axes[0] > 1 && axes[0] <= MOST_KINDS) {
      scales.add(new ScaleTally(axes[0], length / axes[0]));
    }
    // The last of three and more is a side of a picture.
    if (last == 1 && axes[last] > 1 && axes[last] <= MOST_KINDS) {
      scales.add(new ScaleTally(axes[last], 1));
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
    double share =
        scales.stream()
            .filter(ScaleTally::isMixed)
            .map(ScaleTally::error)
            .max(Comparator.naturalOrder())
            .orElse(error / variation);
    return Double.isNaN(share) ? Double.POSITIVE_INFINITY : share;
  }
}
