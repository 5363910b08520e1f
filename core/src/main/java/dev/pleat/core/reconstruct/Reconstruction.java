package dev.pleat.core.reconstruct;

import dev.pleat.core.cluster.Clustering;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * The matrix B (n×k) that gives h from g, h ≈ Bg, by ridge regression towards a matrix that is
 * known to be sensible:
 *
 * <pre>B = argmin Σ ‖h − Bg‖² + λ‖B − B₀‖²_F = (Σhgᵀ + λB₀)(Σggᵀ + λI)⁻¹</pre>
 *
 * With h the channels that a layer of weight W reads in the original, g those that it reads in the
 * folded network and B₀ = U (plain folding), the layer becomes WB (GRAIL, 2602.23795). With h the
 * layer's outputs and g all that its kernel covers, B is the layer itself.
 */
public final class Reconstruction {
  /** Ridges that are tried, in units of the mean of Σg². */
  private static final double[] RIDGES = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 100};

  /** Rows of B that are worked on together. */
  private static final int ROWS = 16;

  /** Where the search among them begins. */
  private static final int USUAL = 3;

  /** What is taken where there is nothing to choose by. */
  static final double USUAL_RIDGE = RIDGES[USUAL];

  private final ChannelMoments moments;
  private final double[] prior;

  /**
   * A problem to solve.
   *
   * @param prior B₀, n×k, row-major
   */
  public Reconstruction(ChannelMoments moments, double[] prior) {
    this.moments = moments;
    this.prior = prior;
  }

  /**
   * The matrix U of plain folding, n×k, row-major.
   *
   * @param clusterOf the folded channel of each of the original's channels, {@link
   *     Clustering#DROPPED} for none
   * @param k folded channels
   */
  public static double[] plain(int[] clusterOf, int k) {
    double[] u = new double[clusterOf.length * k];
    for (int i = 0; i < clusterOf.length; i++) {
      if (clusterOf[i] != Clustering.DROPPED) {
        u[i * k + clusterOf[i]] = 1;
      }
    }
    return u;
  }

  /**
   * Solves for B with the ridge that does best on samples which it was not fitted to.
   *
   * @param fitted moments of most samples
   * @param heldOut moments of the others; without any, a usual ridge is taken
   * @param weights how much each value of h counts when ridges are compared, n of them
   * @return n×k, row-major, fitted to all samples
   */
  public static double[] solve(
      ChannelMoments fitted, ChannelMoments heldOut, double[] prior, double[] weights) {
    Reconstruction trial = new Reconstruction(fitted, prior);
    if (heldOut.samples() == 0) {
      return trial.solve(USUAL_RIDGE);
    }
    double ridge = bestRidge(r -> error(heldOut, trial.solve(r), weights));
    fitted.add(heldOut);
    return new Reconstruction(fitted, prior).solve(ridge);
  }

  /** The ridge with the least error. The error has one valley, so one side of it is gone down. */
  static double bestRidge(DoubleUnaryOperator errorOf) {
    int best = USUAL;
    double least = errorOf.applyAsDouble(RIDGES[best]);
    for (int step : new int[] {1, -1}) {
      boolean moved = false;
      while (best + step >= 0 && best + step < RIDGES.length) {
        double error = errorOf.applyAsDouble(RIDGES[best + step]);
        if (!(error < least)) {
          break;
        }
        least = error;
        best += step;
        moved = true;
      }
      if (moved) {
        break;
      }
    }
    return RIDGES[best];
  }

  /**
   * Solves for B.
   *
   * @param ridge λ in units of the mean of Σg², above 0
   * @return n×k, row-major
   */
  public double[] solve(double ridge) {
    int k = moments.foldedChannels();
    double lambda = ridge * meanSquare();
    if (!(lambda > 0)) {
      return prior.clone();
    }
    double[] matrix = new double[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i * k + j] = moments.folded(i, j);
      }
      matrix[i * k + i] += lambda;
    }
    double[] rows = new double[prior.length];
    for (int i = 0; i < moments.originalChannels(); i++) {
      for (int j = 0; j < k; j++) {
        rows[i * k + j] = moments.cross(i, j) + lambda * prior[i * k + j];
      }
    }
    Cholesky.of(k, matrix).solve(rows);
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
   * @param weights wᵢ, n of them
   */
  public static double error(ChannelMoments moments, double[] b, double[] weights) {
    double[] errors = new double[weights.length];
    IntStream.range(0, (weights.length + ROWS - 1) / ROWS)
        .parallel()
        .forEach(block -> {
          int from = block * ROWS;
          int to = Math.min(weights.length, from + ROWS);
          double[][] lower = moments.lowerProducts(b, from, to);
          for (int i = from; i < to; i++) {
            errors[i] = weights[i] * error(moments, b, i, lower[i - from]);
          }
        });
    double sum = 0;
    for (double error : errors) {
      sum += error;
    }
    return sum;
  }

  private static double error(ChannelMoments moments, double[] b, int i, double[] lower) {
    int k = moments.foldedChannels();
    double error = moments.square(i);
    for (int j = 0; j < k; j++) {
      double factor = b[i * k + j];
      error += factor * (moments.folded(j, j) * factor + 2 * lower[j] - 2 * moments.cross(i, j));
    }
    return error;
  }
}
