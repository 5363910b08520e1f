package dev.pleat.onnx.invert;

/**
 * What is known of images before any network: neighbours are alike and values stay bounded
 * (DeepInversion, arXiv 1912.08795, equation 3). Both terms are means over all values.
 *
 * @param variation weight of the mean squared difference of neighbours, summed over the axes
 * @param size weight of the mean square
 */
record Prior(double variation, double size) {

  /** The weighted terms. */
  record Terms(double variation, double size) {}

  /** The terms of a batch; their gradient is added to {@code gradient}. */
  Terms add(Pixels pixels, float[] z, float[] gradient) {
    double squares = 0;
    double each = 1.0 / z.length;
    float pull = (float) (2 * size * each);
    for (int i = 0; i < z.length; i++) {
      squares += (double) z[i] * z[i];
      gradient[i] += pull * z[i];
    }
    double differences = 0;
    float push = (float) (2 * variation * each);
    for (int axis : pixels.spatialAxes()) {
      int stride = pixels.stride(axis);
      int length = (int) pixels.shape()[axis] * stride;
      for (int block = 0; block < z.length; block += length) {
        for (int i = block; i < block + length - stride; i++) {
          float difference = z[i + stride] - z[i];
          differences += (double) difference * difference;
          gradient[i] -= push * difference;
          gradient[i + stride] += push * difference;
        }
      }
    }
    return new Terms(variation * differences * each, size * squares * each);
  }
}
