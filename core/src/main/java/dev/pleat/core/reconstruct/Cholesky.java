package dev.pleat.core.reconstruct;

import java.util.stream.IntStream;

/**
 * The factor L of a symmetric positive definite matrix A = LLᵀ, in double precision. Rows are
 * worked on in parallel, each sum in one order, so the bits do not depend on the threads.
 */
final class Cholesky {
  /** Columns of a panel: its rows stay in the cache while they update the rest. */
  private static final int PANEL = 48;

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
    for (int from = 0; from < size; from += PANEL) {
      int to = Math.min(from + PANEL, size);
      for (int j = from; j < to; j++) {
        double pivot = matrix[j * size + j] - dot(matrix, j * size + from, j * size + from, j - from);
        if (!(pivot > 0)) {
          throw new ArithmeticException("the matrix is not positive definite at row " + j);
        }
        double root = Math.sqrt(pivot);
        matrix[j * size + j] = root;
        int column = j;
        rows(j + 1, to, size)
            .forEach(i -> solveRow(matrix, size, from, column, i, root));
      }
      rows(to, size, size)
          .forEach(i -> {
            for (int j = from; j < to; j++) {
              solveRow(matrix, size, from, j, i, matrix[j * size + j]);
            }
          });
      rows(to, size, size)
          .forEach(i -> {
            for (int j = to; j <= i; j++) {
              matrix[i * size + j] -= dot(matrix, i * size + from, j * size + from, to - from);
            }
          });
    }
    return new Cholesky(size, matrix);
  }

  private static void solveRow(double[] m, int size, int from, int j, int i, double root) {
    m[i * size + j] =
        (m[i * size + j] - dot(m, i * size + from, j * size + from, j - from)) / root;
  }

  private static IntStream rows(int from, int to, int size) {
    IntStream rows = IntStream.range(from, Math.max(from, to));
    return size > 4 * PANEL ? rows.parallel() : rows;
  }

  private static double dot(double[] m, int a, int b, int length) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 4 <= length; i += 4) {
      s0 += m[a + i] * m[b + i];
      s1 += m[a + i + 1] * m[b + i + 1];
      s2 += m[a + i + 2] * m[b + i + 2];
      s3 += m[a + i + 3] * m[b + i + 3];
    }
    for (; i < length; i++) {
      s0 += m[a + i] * m[b + i];
    }
    return s0 + s1 + (s2 + s3);
  }

  /**
   * Solves XA = R for each row of R, in place.
   *
   * @param rows m×n, row-major
   */
  void solve(double[] rows) {
    IntStream.range(0, rows.length / size).parallel().forEach(r -> solve(rows, r * size));
  }

  private void solve(double[] rows, int start) {
    for (int i = 0; i < size; i++) {
      double sum = rows[start + i];
      for (int j = 0; j < i; j++) {
        sum -= factor[i * size + j] * rows[start + j];
      }
      rows[start + i] = sum / factor[i * size + i];
    }
    for (int i = size - 1; i >= 0; i--) {
      double value = rows[start + i] / factor[i * size + i];
      rows[start + i] = value;
      for (int j = 0; j < i; j++) {
        rows[start + j] -= factor[i * size + j] * value;
      }
    }
  }
}
