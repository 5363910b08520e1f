package dev.pleat.core.reconstruct;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Chooses the channels that stay in front of a layer whose weights are fitted again: at each step
 * the channel goes without which the outputs change least once the others have made up for it, as
 * optimal brain surgeons choose (Hassibi and Stork 1993; for whole channels ZipLM, 2302.04089,
 * equation 3). With P = (E[hhᵀ] + ridge)⁻¹ and V the weights, that change is
 *
 * <pre>
 * s_j = ‖v_j‖² / P_jj; then, for the q that goes, V ← V − v_q P_q·/P_qq, P ← P − P_·q P_q·/P_qq
 * </pre>
 *
 * Only ‖v_j‖² and P_jj are kept up to date; a column of P or VᵀV is brought up to date when its
 * channel goes. Time O(n³) for the inverse and O(n·r²) for r channels that go; memory n² doubles
 * twice.
 */
public final class ChannelElimination {
  /** The ridge, in units of each channel's own mean square: scales do not matter to it. */
  private static final double RIDGE = 0.01;

  /** What is added to it, for channels that are always zero, in units of the mean of all. */
  private static final double LEAST = 1e-6;

  private static final double MORE = 100;

  private final int n;
  private final double[] inverse;
  private final Symmetric products;
  private final double[] curvature;
  private final double[] norms;
  private final List<Step> steps = new ArrayList<>();

  /** A symmetric matrix. */
  @FunctionalInterface
  public interface Symmetric {
    /** The value in row i, column j, which is that in row j, column i. */
    double get(int i, int j);
  }

  /** What the removal of a channel took off: ggᵀ·pivot of P, and gbᵀ + bgᵀ of VᵀV. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Step(double pivot, double[] g, double[] b) {}

  private ChannelElimination(int n, Symmetric moments, Symmetric products) {
    this.n = n;
    this.products = products;
    this.inverse = inverse(n, moments);
    this.curvature = new double[n];
    this.norms = new double[n];
    for (int i = 0; i < n; i++) {
      curvature[i] = inverse[i * n + i];
      norms[i] = products.get(i, i);
    }
  }

  /**
   * The channels to keep, ascending.
   *
   * @param n channels
   * @param moments E[h_i h_j] up to a factor, positive semidefinite and not all zero
   * @param products ⟨v_i, v_j⟩
   * @param kept how many stay, 1 to n
   */
  public static int[] survivors(int n, Symmetric moments, Symmetric products, int kept) {
    boolean[] gone = new boolean[n];
    new ChannelElimination(n, moments, products).run(gone, kept);
    return IntStream.range(0, n).filter(i -> !gone[i]).toArray();
  }

  /**
   * How far the outputs are from their own when fewer channels stay, made up for: the sum of s_q
   * over those that went.
   *
   * @param n channels
   * @param moments as above
   * @param products as above
   * @param fewest how many stay at last, 1 to n
   * @return squared distances in the unit of the moments, by the channels that stay, n+1 of them, 0
   *     below {@code fewest}
   */
  public static double[] changes(int n, Symmetric moments, Symmetric products, int fewest) {
    return new ChannelElimination(n, moments, products).run(new boolean[n], fewest);
  }

  private double[] run(boolean[] gone, int kept) {
    double[] changes = new double[n + 1];
    for (int left = n; left > kept; left--) {
      int least = least(gone);
      gone[least] = true;
      changes[left - 1] = changes[left] + change(least);
      remove(least);
    }
    return changes;
  }

  private double change(int channel) {
    return Math.max(norms[channel], 0) / curvature[channel];
  }

  private static double[] inverse(int n, Symmetric moments) {
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += moments.get(i, i) / n;
    }
    double[] matrix = new double[Math.multiplyExact(n, n)];
    return factor(matrix, n, moments, LEAST * mean).inverse();
  }

  /** Moments that were rounded can need more of a ridge than usual. */
  private static Cholesky factor(double[] matrix, int n, Symmetric moments, double least) {
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

  private int least(boolean[] gone) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      double change = change(i);
      if (!gone[i] && (best < 0 || change < least)) {
        best = i;
        least = change;
      }
    }
    return best;
  }

  private void remove(int q) {
    double[] g = Arrays.copyOfRange(inverse, q * n, (q + 1) * n);
    double[] b = new double[n];
    Arrays.setAll(b, i -> products.get(q, i));
    for (Step step : steps) {
      double gq = step.g[q];
      double bq = step.b[q];
      double pq = gq * step.pivot;
      for (int i = 0; i < n; i++) {
        g[i] -= pq * step.g[i];
        b[i] -= gq * step.b[i] + bq * step.g[i];
      }
    }
    double pivot = g[q];
    double norm = b[q];
    for (int i = 0; i < n; i++) {
      g[i] /= pivot;
      norms[i] -= g[i] * (2 * b[i] - g[i] * norm);
      curvature[i] = Math.max(curvature[i] - pivot * g[i] * g[i], Double.MIN_NORMAL);
      b[i] -= g[i] * norm / 2;
    }
    steps.add(new Step(pivot, g, b));
  }
}
