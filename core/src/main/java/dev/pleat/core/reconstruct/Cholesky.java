package dev.pleat.core.reconstruct;

import java.util.stream.IntStream;

/**
 * The factor L of a symmetric positive definite matrix A = LLᵀ, in double precision. Threads share
 * rows out, each row is worked on in one order, so the bits do not depend on them. Inner loops run
 * along rows without adding up, which is what the compiler makes vector instructions of.
 */
final class Cholesky {
  /** Columns of a panel, a multiple of 4. */
  private static final int PANEL = 64;

  /** Right-hand sides that are solved for together. */
  private static final int SIDES = 32;

  private final int size;
  private final double[] factor;

  private Cholesky(int size, double[] factor) {
    this.size = size;
    this.factor = factor;
  }

  /**
   * Factors a matrix in place.
   *
   * @param matrix n×n, row-major; only its lower triangle is read, and it is overwritten
   * @throws ArithmeticException when it is not positive definite
   */
  static Cholesky of(int size, double[] matrix) {
    double[] panel = new double[PANEL * size];
    for (int from = 0; from < size; from += PANEL) {
      int to = Math.min(from + PANEL, size);
      finishColumns(matrix, size, from, to);
      transpose(matrix, size, from, to, panel);
      int width = to - from;
      int first = from;
      IntStream.range(to, size)
          .parallel()
          .forEach(i -> takeOff(matrix, size, i, first, to, width, panel));
    }
    return new Cholesky(size, matrix);
  }

  /** The columns {@code from} to {@code to} of L; earlier ones are taken off already. */
  private static void finishColumns(double[] m, int size, int from, int to) {
    for (int i = from; i < to; i++) {
      finishRow(m, size, from, i, i);
      double pivot = m[i * size + i] - dot(m, i * size + from, i * size + from, i - from);
      if (!(pivot > 0)) {
        throw new ArithmeticException("the matrix is not positive definite at row " + i);
      }
      m[i * size + i] = Math.sqrt(pivot);
    }
    IntStream.range(to, size).parallel().forEach(i -> finishRow(m, size, from, to, i));
  }

  private static void finishRow(double[] m, int size, int from, int to, int i) {
    for (int j = from; j < to; j++) {
      double left = m[i * size + j] - dot(m, i * size + from, j * size + from, j - from);
      m[i * size + j] = left / m[j * size + j];
    }
  }

  private static double dot(double[] m, int a, int b, int length) {
    double sum = 0;
    for (int i = 0; i < length; i++) {
      sum += m[a + i] * m[b + i];
    }
    return sum;
  }

  /** Column j of L below the panel becomes row j of {@code panel}; missing rows become 0. */
  private static void transpose(double[] m, int size, int from, int to, double[] panel) {
    for (int p = 0; p < PANEL; p++) {
      for (int i = to; i < size; i++) {
        panel[p * size + i] = from + p < to ? m[i * size + from + p] : 0;
      }
    }
  }

  /** Takes the panel's part off row i. */
  private static void takeOff(
      double[] m, int size, int i, int from, int to, int width, double[] panel) {
    int row = i * size;
    for (int p = 0; p < width; p += 4) {
      double a = m[row + from + p];
      double b = p + 1 < width ? m[row + from + p + 1] : 0;
      double c = p + 2 < width ? m[row + from + p + 2] : 0;
      double d = p + 3 < width ? m[row + from + p + 3] : 0;
      int line = p * size;
      for (int j = to; j <= i; j++) {
        m[row + j] -=
            a * panel[line + j]
                + b * panel[line + size + j]
                + c * panel[line + 2 * size + j]
                + d * panel[line + 3 * size + j];
      }
    }
  }

  /**
   * Solves XA = R for each row of R, in place.
   *
   * @param rows m×n, row-major
   */
  void solve(double[] rows) {
    int count = rows.length / size;
    IntStream.range(0, (count + SIDES - 1) / SIDES)
        .parallel()
        .forEach(block -> solve(rows, block * SIDES, Math.min(count, (block + 1) * SIDES)));
  }

  private void solve(double[] rows, int from, int to) {
    int width = to - from;
    double[] x = new double[size * width];
    for (int r = 0; r < width; r++) {
      for (int i = 0; i < size; i++) {
        x[i * width + r] = rows[(from + r) * size + i];
      }
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < i; j++) {
        subtract(x, i * width, factor[i * size + j], j * width, width);
      }
      divide(x, i * width, factor[i * size + i], width);
    }
    for (int i = size - 1; i >= 0; i--) {
      divide(x, i * width, factor[i * size + i], width);
      for (int j = 0; j < i; j++) {
        subtract(x, j * width, factor[i * size + j], i * width, width);
      }
    }
    for (int r = 0; r < width; r++) {
      for (int i = 0; i < size; i++) {
        rows[(from + r) * size + i] = x[i * width + r];
      }
    }
  }

  private static void subtract(double[] x, int row, double factor, int other, int width) {
    for (int r = 0; r < width; r++) {
      x[row + r] -= factor * x[other + r];
    }
  }

  private static void divide(double[] x, int row, double by, int width) {
    for (int r = 0; r < width; r++) {
      x[row + r] /= by;
    }
  }
}
