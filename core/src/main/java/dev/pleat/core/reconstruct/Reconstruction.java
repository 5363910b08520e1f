package dev.pleat.core.reconstruct;

import dev.pleat.core.cluster.Clustering;
import java.util.Arrays;

/**
 * The matrix B (n×k) that gives the original's channels from the folded network's, h ≈ Bg:
 *
 * <pre>B = argmin Σ ‖h − Bg‖² + λ‖B − U‖²_F = (Σhgᵀ + λU)(Σggᵀ + λI)⁻¹</pre>
 *
 * A layer with weight W that read the original's channels reads the folded ones with WB (GRAIL,
 * 2602.23795, with the ridge drawn to plain folding, where B = U).
 */
public final class Reconstruction {
  private final ChannelMoments moments;
  private final int[] clusterOf;

  /**
   * A problem to solve.
   *
   * @param clusterOf the folded channel of each of the original's channels, {@link
   *     Clustering#DROPPED} for none: the matrix U
   */
  public Reconstruction(ChannelMoments moments, int[] clusterOf) {
    this.moments = moments;
    this.clusterOf = clusterOf.clone();
  }

  /**
   * Solves for B.
   *
   * @param ridge λ in units of the mean of Σg², above 0
   * @return n×k, row-major
   */
  public double[] solve(double ridge) {
    int n = moments.originalChannels();
    int k = moments.foldedChannels();
    double lambda = ridge * meanSquare();
    if (lambda == 0) {
      return plain();
    }
    double[] matrix = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i * k + j] = moments.folded(i, j);
      }
      matrix[i * k + i] += lambda;
    }
    double[] rows = new double[n * k];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        rows[i * k + j] = moments.cross(i, j);
      }
      if (clusterOf[i] != Clustering.DROPPED) {
        rows[i * k + clusterOf[i]] += lambda;
      }
    }
    Cholesky.of(k, matrix).solve(rows);
    return rows;
  }

  /** B = U, plain folding. */
  private double[] plain() {
    int k = moments.foldedChannels();
    double[] rows = new double[clusterOf.length * k];
    for (int i = 0; i < clusterOf.length; i++) {
      if (clusterOf[i] != Clustering.DROPPED) {
        rows[i * k + clusterOf[i]] = 1;
      }
    }
    return rows;
  }

  private double meanSquare() {
    int k = moments.foldedChannels();
    double sum = 0;
    for (int i = 0; i < k; i++) {
      sum += moments.folded(i, i);
    }
    return sum / k;
  }

  /**
   * Σ wᵢ(hᵢ − (Bg)ᵢ)² over the samples of some moments.
   *
   * @param b n×k, row-major
   * @param weights how much each of the original's channels counts
   */
  public static double error(ChannelMoments moments, double[] b, double[] weights) {
    int k = moments.foldedChannels();
    double sum = 0;
    double[] image = new double[k];
    for (int i = 0; i < weights.length; i++) {
      int row = i * k;
      Arrays.fill(image, 0);
      double error = moments.square(i);
      for (int j = 0; j < k; j++) {
        error -= 2 * b[row + j] * moments.cross(i, j);
        double product = 0;
        for (int l = 0; l < k; l++) {
          product += moments.folded(j, l) * b[row + l];
        }
        error += b[row + j] * product;
      }
      sum += weights[i] * error;
    }
    return sum;
  }
}
