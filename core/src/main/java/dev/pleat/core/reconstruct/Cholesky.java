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
      panel(matrix, size, from, Math.min(from + PANEL, size));
    }
    return new Cholesky(size, matrix);
  }

  /** Finishes the columns {@code from} to {@code to} and takes their part off the later ones. */
  private static void panel(double[] m, int size, int from, int to) {
    for (int i = from; i < to; i++) {
      row(m, size, from, Math.min(i, to), i);
      double pivot = m[i * size + i] - dot(m, i * size + from, i * size + from, i - from);
      if (!(pivot > 0)) {
        throw new ArithmeticException("the matrix is not positive definite at row " + i);
      }
      m[i * size + i] = Math.sqrt(pivot);
    }
    IntStream rows = IntStream.range(to, size);
    (size > 4 * PANEL ? rows.parallel() : rows).forEach(i -> row(m, size, from, to, i));
    IntStream rest = IntStream.range(to, size);
    (size > 4 * PANEL ? rest.parallel() : rest)
        .forEach(i -> {
          for (int j = to; j <= i; j++) {
            m[i * size + j] -= dot(m, i * size + from, j * size + from, to - from);
          }
        });
  }

  /** Columns {@code from} to {@code to} of row i, by the rows above. */
  private static void row(double[] m, int size, int from, int to, int i) {
    for (int j = from; j < to; j++) {
      double left = m[i * size + j] - dot(m, i * size + from, j * size + from, j - from);
      m[i * size + j] = left / m[j * size + j];
    }
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
