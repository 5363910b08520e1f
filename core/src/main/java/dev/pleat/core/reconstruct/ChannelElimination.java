package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Heap;
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
 * twice. Of many channels on few samples P is had in the space of the samples instead ({@link
 * SampledInverse}).
 */
public final class ChannelElimination {
  /** From here on an inverse of n×n values takes more than 4 GiB. */
  private static final int LARGE = 16_384;

  private final int n;
  private final RidgeInverse inverse;
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

  private ChannelElimination(RidgeInverse inverse, Symmetric products) {
    this.n = inverse.size();
    this.products = products;
    this.inverse = inverse;
    this.curvature = new double[n];
    this.norms = new double[n];
    for (int i = 0; i < n; i++) {
      curvature[i] = inverse.diagonal(i);
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
    return survivors(new DenseInverse(n, moments), products, kept);
  }

  /**
   * The channels to keep, ascending, chosen on samples.
   *
   * @param n channels
   * @param samples h, a row of n values for each, not all zero
   * @param moments Σ h_i h_j over them
   * @param products as above
   * @param kept how many stay, 1 to n
   * @throws dev.pleat.core.PleatException when there is not enough memory
   */
  public static int[] survivors(
      int n, float[] samples, Symmetric moments, Symmetric products, int kept) {
    return survivors(inverse(n, samples, moments), products, kept);
  }

  static int[] survivors(RidgeInverse inverse, Symmetric products, int kept) {
    boolean[] gone = new boolean[inverse.size()];
    new ChannelElimination(inverse, products).run(gone, kept);
    return IntStream.range(0, gone.length).filter(i -> !gone[i]).toArray();
  }

  private static RidgeInverse inverse(int n, float[] samples, Symmetric moments) {
    return n > LARGE && samples.length / n < n
        ? new SampledInverse(n, samples, BlasProvider.shared())
        : new DenseInverse(n, moments);
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
    return changes(new DenseInverse(n, moments), products, fewest);
  }

  /**
   * The same, on samples.
   *
   * @param n channels
   * @param samples as above
   * @param moments as above
   * @param products as above
   * @param fewest how many stay at last, 1 to n
   * @return as above
   * @throws dev.pleat.core.PleatException when there is not enough memory
   */
  public static double[] changes(
      int n, float[] samples, Symmetric moments, Symmetric products, int fewest) {
    return changes(inverse(n, samples, moments), products, fewest);
  }

  static double[] changes(RidgeInverse inverse, Symmetric products, int fewest) {
    return new ChannelElimination(inverse, products).run(new boolean[inverse.size()], fewest);
  }

  private double[] run(boolean[] gone, int kept) {
    Heap.require(
        2L * n * (n - kept) * Double.BYTES, "taking %d of %d channels out".formatted(n - kept, n));
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
    double[] g = inverse.row(q);
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
