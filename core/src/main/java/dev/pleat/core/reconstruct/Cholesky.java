package dev.pleat.core.reconstruct;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The factor L of a symmetric positive definite matrix A = LLᵀ, in double precision. Threads share
 * rows out, each row is worked on in one order, so the bits do not depend on them.
 */
final class Cholesky {
  /** Columns of a panel, a multiple of 4. */
  private static final int PANEL = 64;

  /** Right-hand sides that are solved for together. */
  private static final int SIDES = 64;

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
    double[][] panel = new double[PANEL][size];
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
  private static void transpose(double[] m, int size, int from, int to, double[][] panel) {
    for (int p = 0; p < PANEL; p++) {
      for (int i = to; i < size; i++) {
        panel[p][i] = from + p < to ? m[i * size + from + p] : 0;
      }
    }
  }

  /** Takes the panel's part off row i. */
  private static void takeOff(
      double[] m, int size, int i, int from, int to, int width, double[][] panel) {
    double[] row = Arrays.copyOfRange(m, i * size, i * size + i + 1);
    for (int p = 0; p < width; p += 4) {
      WeightedRows.add(
          row,
          to,
          row.length,
          -row[from + p],
          panel[p],
          p + 1 < width ? -row[from + p + 1] : 0,
          panel[p + 1],
          p + 2 < width ? -row[from + p + 2] : 0,
          panel[p + 2],
          p + 3 < width ? -row[from + p + 3] : 0,
          panel[p + 3]);
    }
    System.arraycopy(row, to, m, i * size + to, i + 1 - to);
  }

  /**
   * Solves XA = R for each row of R, in place.
   *
   * @param rows m×n, row-major
   */
  void solve(double[] rows) {
    inBlocks(
        rows.length / size,
        (from, to) -> {
          double[][] x = new double[size][to - from];
          for (int r = from; r < to; r++) {
            for (int i = 0; i < size; i++) {
              x[i][r - from] = rows[r * size + i];
            }
          }
          solve(x, 0);
          for (int r = from; r < to; r++) {
            for (int i = 0; i < size; i++) {
              rows[r * size + i] = x[i][r - from];
            }
          }
        });
  }

  /** The inverse of A, n×n. Its two halves are the same, so one of them is computed. */
  double[] inverse() {
    double[] inverse = new double[size * size];
    inBlocks(
        size,
        (from, to) -> {
          double[][] x = new double[size][to - from];
          for (int r = from; r < to; r++) {
            x[r][r - from] = 1;
          }
          solve(x, from);
          for (int r = from; r < to; r++) {
            for (int i = r; i < size; i++) {
              inverse[r * size + i] = x[i][r - from];
              inverse[i * size + r] = x[i][r - from];
            }
          }
        });
    return inverse;
  }

  @FunctionalInterface
  private interface Sides {
    void solve(int from, int to);
  }

  private static void inBlocks(int sides, Sides block) {
    IntStream.range(0, (sides + SIDES - 1) / SIDES)
        .parallel()
        .forEach(b -> block.solve(b * SIDES, Math.min(sides, (b + 1) * SIDES)));
  }

  /**
   * Solves for some right-hand sides, in place.
   *
   * @param x a column for each of them
   * @param first rows before it are zero on the right, and not wanted in the solution
   */
  private void solve(double[][] x, int first) {
    solveLower(x, first);
    solveUpper(x, first);
  }

  /**
   * Solves LX = R in place.
   *
   * @param x R, n×m
   */
  void solveLower(double[][] x) {
    solveLower(x, 0);
  }

  private void solveLower(double[][] x, int first) {
    for (int i = first; i < size; i++) {
      int row = i * size;
      int j = first;
      for (; j + 4 <= i; j += 4) {
        WeightedRows.add(
            x[i],
            0,
            x[i].length,
            -factor[row + j],
            x[j],
            -factor[row + j + 1],
            x[j + 1],
            -factor[row + j + 2],
            x[j + 2],
            -factor[row + j + 3],
            x[j + 3]);
      }
      for (; j < i; j++) {
        WeightedRows.add(x[i], -factor[row + j], x[j]);
      }
      divide(x[i], factor[row + i]);
    }
  }

  private void solveUpper(double[][] x, int first) {
    for (int i = size - 1; i >= first; i--) {
      int j = size - 1;
      for (; j - 4 >= i; j -= 4) {
        WeightedRows.add(
            x[i],
            0,
            x[i].length,
            -factor[j * size + i],
            x[j],
            -factor[(j - 1) * size + i],
            x[j - 1],
            -factor[(j - 2) * size + i],
            x[j - 2],
            -factor[(j - 3) * size + i],
            x[j - 3]);
      }
      for (; j > i; j--) {
        WeightedRows.add(x[i], -factor[j * size + i], x[j]);
      }
      divide(x[i], factor[i * size + i]);
    }
  }

  private static void divide(double[] row, double by) {
    for (int r = 0; r < row.length; r++) {
      row[r] /= by;
    }
  }
}
