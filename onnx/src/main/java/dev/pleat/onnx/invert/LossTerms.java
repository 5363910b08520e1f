package dev.pleat.onnx.invert;

import java.util.Locale;

/**
 * The loss of one step, each term with its weight.
 *
 * @param labels cross-entropy to the labels; 0 where the network is no classifier
 * @param statistics mismatch of the batch normalisations
 * @param variation total variation
 * @param size size of the images
 */
public record LossTerms(double labels, double statistics, double variation, double size) {

  /** What is minimised. */
  public double total() {
    return labels + statistics + variation + size;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "loss %.4g: labels %.4g, statistics %.4g, variation %.2g, size %.2g",
        total(),
        labels,
        statistics,
        variation,
        size);
  }
}
