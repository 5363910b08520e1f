package dev.pleat.core.reconstruct;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.MatrixView;

/**
 * What the layers that read a group lose when its channels become fewer and their weights V are
 * fitted again by least squares. With C the covariance of the channels h and M the means of the
 * clusters (n×k, columns that add up to 1), what is left of h is Mᵀh, and the loss is
 *
 * <pre>
 * tr V (C − C M (MᵀCM + ridge)⁻¹ MᵀC) Vᵀ
 * </pre>
 *
 * as if the mean of channels behind an activation were that activation of their mean. So it
 * flatters clusters of more than one channel, and is exact where channels go.
 */
public final class FittedLoss {
  /** In units of each square, as {@link ChannelElimination} has it. */
  private static final double RIDGE = 0.01;

  /** In units of the mean variance, for channels that never vary. */
  private static final double LEAST = 1e-9;

  private static final double MORE = 100;

  private final GramMatrix covariance;
  private final GramMatrix products;
  private final Blas blas;

  /**
   * The loss of one group.
   *
   * @param covariance of its n channels, with a trace above 0
   * @param products ⟨v_i, v_j⟩ of the weights that read them
   */
  public FittedLoss(GramMatrix covariance, GramMatrix products, Blas blas) {
    this.covariance = covariance;
    this.products = products;
    this.blas = blas;
  }

  /**
   * The loss of some clusters, up to rounding in single precision.
   *
   * @return in the unit of the outputs' squares, 0 or more
   */
  public double of(Clustering clusters) {
    int n = covariance.size();
    int k = clusters.count();
    double[] cross = cross(clusters, n, k);
    double[] fitted = cross.clone();
    factor(clusters, cross, n, k, LEAST).solve(fitted);
    float[] weighed = weighed(cross, n, k);
    double loss = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        loss += covariance.get(i, j) * products.get(i, j);
      }
      for (int q = 0; q < k; q++) {
        loss -= fitted[i * k + q] * weighed[i * k + q];
      }
    }
    return Math.max(0, loss);
  }

  /** CM, n×k. */
  private double[] cross(Clustering clusters, int n, int k) {
    int[] sizes = clusters.sizes();
    double[] cross = new double[Math.multiplyExact(n, k)];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int q = clusters.clusterOf(j);
        if (q != Clustering.DROPPED) {
          cross[i * k + q] += covariance.get(i, j) / sizes[q];
        }
      }
    }
    return cross;
  }

  /** Covariances are rounded, so means of channels that cancel can need more of a ridge. */
  private Cholesky factor(Clustering clusters, double[] cross, int n, int k, double least) {
    try {
      return Cholesky.of(k, square(clusters, cross, n, k, least * covariance.trace() / n));
    } catch (ArithmeticException indefinite) {
      if (least > 1) {
        throw indefinite;
      }
      return factor(clusters, cross, n, k, least * MORE);
    }
  }

  /** MᵀCM and its ridge, k×k. */
  private static double[] square(Clustering clusters, double[] cross, int n, int k, double least) {
    int[] sizes = clusters.sizes();
    double[] square = new double[Math.multiplyExact(k, k)];
    for (int i = 0; i < n; i++) {
      int q = clusters.clusterOf(i);
      for (int r = 0; q != Clustering.DROPPED && r < k; r++) {
        square[q * k + r] += cross[i * k + r] / sizes[q];
      }
    }
    for (int q = 0; q < k; q++) {
      square[q * k + q] += RIDGE * Math.max(square[q * k + q], 0) + least;
    }
    return square;
  }

  /** VᵀVCM, n×k. */
  private float[] weighed(double[] cross, int n, int k) {
    float[] left = new float[n * n];
    float[] right = new float[k * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        left[i * n + j] = (float) products.get(i, j);
      }
      for (int q = 0; q < k; q++) {
        right[q * n + i] = (float) cross[i * k + q];
      }
    }
    float[] product = new float[n * k];
    blas.addProduct(
        new MatrixView(left, 0, n, n, n),
        new MatrixView(right, 0, k, n, n),
        new MatrixView(product, 0, n, k, k));
    return product;
  }
}
