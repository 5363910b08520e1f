package dev.pleat.onnx.request;

import dev.pleat.core.PleatException;

/**
 * What each term of the loss counts (DeepInversion, arXiv 1912.08795, equations 2 to 4). Each is at
 * least 0.
 *
 * @param labels cross-entropy to balanced labels, in nats, where the network is a classifier
 * @param statistics mismatch of the batch normalisations' means and variances
 * @param variation total variation: differences of neighbours, in units of the starting noise
 * @param size mean square of the images, in units of the starting noise
 */
public record LossWeights(double labels, double statistics, double variation, double size) {
  /** What was best over several networks. */
  public static final LossWeights DEFAULT = new LossWeights(1, 5, 0.1, 0.001);

  /**
   * Checks the range.
   *
   * @throws PleatException when a weight is negative or no number
   */
  public LossWeights {
    for (double weight : new double[] {labels, statistics, variation, size}) {
      if (!(weight >= 0 && Double.isFinite(weight))) {
        throw new PleatException("a weight of the loss is %s; give at least 0".formatted(weight));
      }
    }
  }
}
