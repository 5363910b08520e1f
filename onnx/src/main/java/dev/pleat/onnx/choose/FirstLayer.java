package dev.pleat.onnx.choose;

/** Means and deviations of the channels that a network's first layer gives. */
final class FirstLayer {
  /** Of the mean's term beside the deviation's: what is in a picture moves means, too. */
  private static final double WEIGHT_OF_MEANS = 0.25;

  /** Terms beyond this, five deviations, are equally implausible. */
  private static final double MOST = 25;

  private double[] sums = {};
  private double[] squares = {};
  private long samples;

  /** The number of values that follow each other for one channel. */
  static int inner(int axis, long[] shape) {
    int inner = 1;
    for (int d = axis + 1; d < shape.length; d++) {
      inner *= (int) shape[d];
    }
    return inner;
  }

  /**
   * Adds what the layer gave.
   *
   * @param values finite, row by row
   * @param axis of the channels; a number of them that changes makes this start again
   */
  void add(float[] values, int axis, long[] shape) {
    int channels = (int) shape[axis];
    int inner = inner(axis, shape);
    if (sums.length != channels) {
      sums = new double[channels];
      squares = new double[channels];
      samples = 0;
    }
    for (int i = 0; i < values.length; i++) {
      int channel = i / inner % channels;
      sums[channel] += values[i];
      squares[channel] += (double) values[i] * values[i];
    }
    samples += values.length / Math.max(1, channels);
  }

  /**
   * How likely these values are to be those of a trained layer, whose normalisation (or whoever
   * chose its first weights) left channels with deviations σ about 1 and means μ not far from 0:
   * the mean over channels of {@code −½ min(ln² σ, 25) − ⅛ min(μ²/σ², 25)}, a log likelihood up to
   * a constant. NaN without values.
   */
  double plausibility() {
    double sum = 0;
    for (int c = 0; c < sums.length; c++) {
      double mean = sums[c] / samples;
      double variance = Math.max(squares[c] / samples - mean * mean, Float.MIN_NORMAL);
      double log = Math.log(variance) / 2;
      sum -=
          (Math.min(log * log, MOST) + WEIGHT_OF_MEANS * Math.min(mean * mean / variance, MOST))
              / 2;
    }
    return samples == 0 ? Double.NaN : sum / sums.length;
  }
}
