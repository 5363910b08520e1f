package dev.pleat.onnx.choose;

import java.util.List;

/**
 * What networks take a picture's values for: {@code x = scale · (p − mean) / deviation}, p in [0,
 * 1].
 *
 * @param name for people
 * @param mean of each channel, or one for all
 * @param deviation of each channel, or one for all, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record InputRange(String name, double[] mean, double[] deviation) {
  private static final double[] IMAGENET_MEAN = {0.485, 0.456, 0.406};
  private static final double[] IMAGENET_DEVIATION = {0.229, 0.224, 0.225};

  /** The customs of the field, the most usual first. */
  static final List<InputRange> OF_PICTURES =
      List.of(
          new InputRange("[0, 1]", new double[] {0}, new double[] {1}),
          new InputRange("[-1, 1]", new double[] {0.5}, new double[] {0.5}),
          new InputRange("ImageNet's mean and deviation", IMAGENET_MEAN, IMAGENET_DEVIATION),
          new InputRange("[0, 255]", new double[] {0}, new double[] {1 / 255.0}),
          new InputRange("[0, 255] less ImageNet's mean", IMAGENET_MEAN, new double[] {1 / 255.0}));

  /** Signals are drawn with mean 0 and deviation 1. */
  static final List<InputRange> OF_SIGNALS =
      List.of(
          new InputRange("a deviation of 0.1", new double[] {0}, new double[] {10}),
          new InputRange("a deviation of 1", new double[] {0}, new double[] {1}),
          new InputRange("a deviation of 3,000", new double[] {0}, new double[] {1 / 3000.0}));

  /**
   * How likely a network is to want this range before anything is known of it: whole bytes are
   * rare, and networks without normalised layers are livelier than they should be in them.
   */
  double prior() {
    return deviation[0] < 0.1 ? 0.8 : 1;
  }

  /** The value of a channel that is p in the picture. */
  float of(float p, int channel) {
    return (float) ((p - mean[channel % mean.length]) / deviation[channel % deviation.length]);
  }
}
