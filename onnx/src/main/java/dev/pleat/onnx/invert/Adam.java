package dev.pleat.onnx.invert;

/** Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) on one array. */
final class Adam {
  private static final float EPSILON = 1e-20f;

  private final double beta1;
  private final double beta2;
  private final float[] first;
  private final float[] second;
  private int step;

  Adam(int count, double beta1, double beta2) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.first = new float[count];
    this.second = new float[count];
  }

  /** Moves each value by about the rate against its gradient. */
  void update(float[] values, float[] gradient, double rate) {
    step++;
    float b1 = (float) beta1;
    float b2 = (float) beta2;
    float unbias1 = (float) (1 / (1 - Math.pow(beta1, step)));
    float unbias2 = (float) (1 / (1 - Math.pow(beta2, step)));
    float by = (float) rate;
    for (int i = 0; i < values.length; i++) {
      float g = gradient[i];
      first[i] = b1 * first[i] + (1 - b1) * g;
      second[i] = b2 * second[i] + (1 - b2) * g * g;
      values[i] -= by * first[i] * unbias1 / ((float) Math.sqrt(second[i] * unbias2) + EPSILON);
    }
  }
}
