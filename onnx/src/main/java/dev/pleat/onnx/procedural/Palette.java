package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * The colours of one picture. Brightness differs more than hue, as it does in nature, and every
 * picture has a colour of its own that all others in it lean to.
 */
final class Palette {
  private final SplitMix64 random;
  private final float[] cast;
  private final double saturation;

  Palette(int channels, SplitMix64 random) {
    this.random = random;
    this.cast = new float[channels];
    double strength = 0.15 * random.nextDouble();
    for (int c = 0; c < channels; c++) {
      cast[c] = channels == 1 ? 0 : (float) (strength * random.nextGaussian());
    }
    this.saturation = channels == 1 ? 0 : 0.3 * random.nextDouble();
  }

  /** A colour of any brightness, each channel in [0, 1]. */
  float[] next() {
    return next(random.nextDouble());
  }

  /** A colour near a brightness. */
  float[] next(double brightness) {
    float[] colour = new float[cast.length];
    for (int c = 0; c < colour.length; c++) {
      double hue = saturation == 0 ? 0 : saturation * random.nextGaussian();
      colour[c] = (float) Math.clamp(brightness + cast[c] + hue, 0, 1);
    }
    return colour;
  }
}
