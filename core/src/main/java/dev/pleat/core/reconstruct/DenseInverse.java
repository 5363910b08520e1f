package dev.pleat.core.reconstruct;

import dev.pleat.core.PleatException;
import dev.pleat.core.linalg.Heap;
import java.util.Arrays;
import java.util.stream.IntStream;

/** All of P, from the factor of the moments: time O(n³), memory n² doubles twice. */
final class DenseInverse implements RidgeInverse {
  /** Most channels whose n² values fit one array. */
  private static final int MOST = 46_340;

  private static final double MORE = 100;

  private final int n;
  private final double[] inverse;

  /**
   * Inverts.
   *
   * @throws PleatException when there is no memory for that
   */
  DenseInverse(int n, ChannelElimination.Symmetric moments) {
    if (n > MOST) {
      throw new PleatException(
          "fitting a layer that reads %d channels, more than %d, needs inputs at fewer positions than that; give a shorter text with --data, or --repair none"
              .formatted(n, MOST));
    }
    Heap.require(
        2L * n * n * Double.BYTES,
        "choosing among %d channels by what the others make up for".formatted(n));
    this.n = n;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += moments.get(i, i) / n;
    }
    double[] matrix = new double[n * n];
    inverse = factor(matrix, n, moments, LEAST * mean).inverse();
  }

  /** Moments that were rounded can need more of a ridge than usual. */
  private static Cholesky factor(
      double[] matrix, int n, ChannelElimination.Symmetric moments, double least) {
    IntStream.range(0, n)
        .parallel()
        .forEach(i -> {
          for (int j = 0; j < i; j++) {
            matrix[i * n + j] = moments.get(i, j);
          }
          matrix[i * n + i] = Math.max(moments.get(i, i), 0) * (1 + RIDGE) + least;
        });
    try {
      return Cholesky.of(n, matrix);
    } catch (ArithmeticException indefinite) {
      if (!(least < Double.MAX_VALUE / MORE)) {
        throw indefinite;
      }
      return factor(matrix, n, moments, least * MORE);
    }
  }

  @Override
  public int size() {
    return n;
  }

  @Override
  public double diagonal(int i) {
    return inverse[i * n + i];
  }

  @Override
  public double[] row(int i) {
    return Arrays.copyOfRange(inverse, i * n, (i + 1) * n);
  }
}
