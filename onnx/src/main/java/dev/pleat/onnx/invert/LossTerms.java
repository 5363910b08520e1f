package dev.pleat.onnx.invert;

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
}
