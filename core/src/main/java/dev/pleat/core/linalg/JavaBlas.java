package dev.pleat.core.linalg;

/** The reference that tests every other backend: plain Java, sums in double. */
final class JavaBlas implements Blas {

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public void addGram(MatrixView a, MatrixView c) {
    MatrixView.checkShapes(a, a, c);
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j <= i; j++) {
        c.values()[c.row(i) + j] += (float) dot(a, i, a, j);
      }
    }
  }

  @Override
  public void addProduct(MatrixView a, MatrixView b, MatrixView c) {
    MatrixView.checkShapes(a, b, c);
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < b.rows(); j++) {
        c.values()[c.row(i) + j] += (float) dot(a, i, b, j);
      }
    }
  }

  private static double dot(MatrixView a, int i, MatrixView b, int j) {
    float[] left = a.values();
    float[] right = b.values();
    int u = a.row(i);
    int v = b.row(j);
    double sum = 0;
    for (int p = 0; p < a.columns(); p++) {
      sum += (double) left[u + p] * right[v + p];
    }
    return sum;
  }
}
