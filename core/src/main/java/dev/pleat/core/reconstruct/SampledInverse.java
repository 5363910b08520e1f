package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import java.util.stream.IntStream;

/**
 * P from samples, fewer than channels, by the identity of Woodbury: with Λ the ridge, S = HΛ^(−1/2)
 * the T samples by rows and LLᵀ = I + SSᵀ,
 *
 * <pre>P = Λ^(−1/2) (I − ZᵀZ) Λ^(−1/2), LZ = S</pre>
 *
 * Time O(n·T²); memory n·T floats and T² doubles, instead of n² doubles twice. A row takes O(n·T).
 */
final class SampledInverse implements RidgeInverse {
  /** Channels whose columns of Z are solved for together. */
  private static final int BLOCK = 64;

  /** Channels that a thread takes of a row. */
  private static final int PIECE = 2048;

  private final int n;
  private final double[] diagonal;

  /** λ_i^(−1/2). */
  private final double[] scales;

  /** T×n. */
  private final float[][] z;

  /**
   * Inverts.
   *
   * @param n channels
   * @param samples h, T×n, row-major, not all zero
   */
  SampledInverse(int n, float[] samples, Blas blas) {
    this.n = n;
    int count = samples.length / n;
    double[] squares = squares(n, samples);
    double mean = 0;
    for (double square : squares) {
      mean += square / n;
    }
    diagonal = new double[n];
    scales = new double[n];
    for (int i = 0; i < n; i++) {
      scales[i] = 1 / Math.sqrt(RIDGE * squares[i] + LEAST * mean);
    }
    double[] kernel = new SampleKernel(n, samples, scales, blas).products(0, count, 0, count);
    for (int t = 0; t < count; t++) {
      kernel[t * count + t] += 1;
    }
    Cholesky factor = Cholesky.of(count, kernel);
    z = new float[count][n];
    IntStream.range(0, (n + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(b -> solve(factor, samples, squares, b * BLOCK, Math.min(n, (b + 1) * BLOCK)));
  }

  private static double[] squares(int n, float[] samples) {
    double[] squares = new double[n];
    for (int at = 0; at < samples.length; at += n) {
      for (int i = 0; i < n; i++) {
        squares[i] += (double) samples[at + i] * samples[at + i];
      }
    }
    return squares;
  }

  private void solve(Cholesky factor, float[] samples, double[] squares, int from, int to) {
    double[][] x = new double[z.length][to - from];
    for (int t = 0; t < z.length; t++) {
      for (int i = from; i < to; i++) {
        x[t][i - from] = samples[t * n + i] * scales[i];
      }
    }
    factor.solveLower(x);
    for (int i = from; i < to; i++) {
      double taken = 0;
      for (int t = 0; t < z.length; t++) {
        taken += x[t][i - from] * x[t][i - from];
        z[t][i] = (float) x[t][i - from];
      }
      double lambda = 1 / (scales[i] * scales[i]);
      // Rounding must not bring it below what it is when no other channel correlates.
      diagonal[i] = Math.max((1 - taken) / lambda, 1 / (squares[i] + lambda));
    }
  }

  @Override
  public int size() {
    return n;
  }

  @Override
  public double diagonal(int i) {
    return diagonal[i];
  }

  @Override
  public double[] row(int i) {
    double[] row = new double[n];
    IntStream.range(0, (n + PIECE - 1) / PIECE)
        .parallel()
        .forEach(p -> {
          int from = p * PIECE;
          int to = Math.min(n, from + PIECE);
          for (float[] part : z) {
            double factor = -part[i] * scales[i];
            for (int j = from; j < to; j++) {
              row[j] += factor * part[j];
            }
          }
          for (int j = from; j < to; j++) {
            row[j] *= scales[j];
          }
        });
    row[i] = diagonal[i];
    return row;
  }
}
