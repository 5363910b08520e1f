package dev.pleat.onnx.invert;

/** Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) on one array. */
final class Adam {
  /**
   * Shorter memories than the usual 0.9 and 0.999: the gradients shrink within a few steps, and are
   * not noisy. On three networks they left a quarter of the mismatch after the same steps.
   */
  private static final double BETA1 = 0.8;

  private static final double BETA2 = 0.8;

  /** Gradients of means over many values are small; nothing may vanish beside this. */
  private static final float EPSILON = 1e-20f;

  private final float[] first;
  private final float[] second;
  private int step;

  Adam(int count) {
    this.first = new float[count];
    this.second = new float[count];
  }

  /** Moves each value by about the rate against its gradient. */
  void update(float[] values, float[] gradient, double rate) {
    step++;
    float b1 = (float) BETA1;
    float b2 = (float) BETA2;
    float unbias1 = (float) (1 / (1 - Math.pow(BETA1, step)));
    float unbias2 = (float) (1 / (1 - Math.pow(BETA2, step)));
    float by = (float) rate;
    for (int i = 0; i < values.length; i++) {
      float g = gradient[i];
      first[i] = b1 * first[i] + (1 - b1) * g;
      second[i] = b2 * second[i] + (1 - b2) * g * g;
      values[i] -= by * first[i] * unbias1 / ((float) Math.sqrt(second[i] * unbias2) + EPSILON);
    }
  }
}
