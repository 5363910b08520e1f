package dev.pleat.onnx.invert;

import java.util.Arrays;

/**
 * The scale of an input's values: what the network was trained on may be pixels in [0, 255] or
 * numbers around 0. Images are optimised as {@code z}, with {@code x = offset + spread · z}.
 *
 * @param offset the mean of each channel
 * @param spread the standard deviation of each channel, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record Scale(float[] offset, float[] spread) {

  /** Mean 0 and standard deviation 1. */
  static Scale unit(int channels) {
    return of(new float[channels], 1);
  }

  /** One standard deviation for all channels. */
  static Scale of(float[] offset, double spread) {
    float[] all = new float[offset.length];
    Arrays.fill(all, (float) spread);
    return new Scale(offset, all);
  }

  /** Writes {@code offset + spread · z} of a batch into {@code x}. */
  void apply(Pixels pixels, float[] z, float[] x) {
    for (int i = 0; i < x.length; i++) {
      int c = pixels.channel(i);
      x[i] = offset[c] + spread[c] * z[i];
    }
  }

  /** Turns dLoss/dx into dLoss/dz. */
  void pull(Pixels pixels, float[] gradient) {
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] *= spread[pixels.channel(i)];
    }
  }
}
