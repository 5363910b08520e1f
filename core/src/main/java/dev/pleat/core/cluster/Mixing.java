package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * How channels become fewer: each channel that is left is a weighted sum of some of the channels
 * before. The weights where channels are made and those where they are read belong together, so
 * that what the next layer computes stays near what it was.
 *
 * @param clustering which of the channels that are left each channel before counts as, or that it
 *     is dropped
 * @param sources for each channel that is left, the channels that it is mixed from
 * @param made their weights in the rows that make the channel and in what statistics say of it
 * @param scaled their weights in what else a channel is multiplied by on its way
 * @param read their weights in the columns that read the channel
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Mixing(
    Clustering clustering, int[][] sources, double[][] made, double[][] scaled, double[][] read) {

  /**
   * Folding: made by the mean of a cluster, read by its sum, {@code (UᵀU)⁻¹UᵀW} and {@code WU}
   * (2502.10216, section 3). A cluster of one channel keeps it as it is.
   */
  public static Mixing mean(Clustering clustering) {
    double[][] shares = equal(clustering, true);
    return new Mixing(clustering, clustering.members(), shares, shares, equal(clustering, false));
  }

  /**
   * Iterative feature merging: made by the sum of a cluster, sums of normalisations and their
   * statistics included, read by its mean (2310.06756, equations 9 to 11).
   */
  public static Mixing sum(Clustering clustering) {
    double[][] shares = equal(clustering, true);
    return new Mixing(clustering, clustering.members(), equal(clustering, false), shares, shares);
  }

  private static double[][] equal(Clustering clustering, boolean shared) {
    double[][] weights = new double[clustering.count()][];
    int[] sizes = clustering.sizes();
    for (int c = 0; c < weights.length; c++) {
      weights[c] = new double[sizes[c]];
      Arrays.fill(weights[c], shared ? 1.0 / sizes[c] : 1);
    }
    return weights;
  }

  /**
   * Integral neural networks: channels in the order of a path are samples of a function at equal
   * distances, which is read off at fewer places, again at equal distances, ends included. Between
   * samples it is a straight line. What reads the channels is an integral over them by the
   * trapezoidal rule, so a column is divided by its share of the integral before and multiplied by
   * the one after (Solodskikh et al., CVPR 2023, section 3).
   *
   * @param paths for each partition of the channels, its channels in order, at least two
   * @param width channels that are left of each partition, at least 1 and fewer than before
   */
  public static Mixing resampled(int[][] paths, int width) {
    int channels = paths.length * paths[0].length;
    int[] labels = new int[channels];
    for (int p = 0; p < paths.length; p++) {
      int last = paths[p].length - 1;
      for (int q = 0; q <= last; q++) {
        labels[paths[p][q]] = p * width + Math.toIntExact(Math.round(q * (width - 1.0) / last));
      }
    }
    Clustering clustering = Clustering.of(labels);
    int[][] sources = new int[clustering.count()][];
    double[][] made = new double[sources.length][];
    double[][] read = new double[sources.length][];
    for (int[] path : paths) {
      int last = path.length - 1;
      for (int j = 0; j < width; j++) {
        double place = width == 1 ? last / 2.0 : j * (double) last / (width - 1);
        int left = Math.min((int) place, last - 1);
        double right = place - left;
        int cluster = clustering.clusterOf(path[Math.toIntExact(Math.round(place))]);
        double share = last * trapezoid(j, width) / Math.max(1, width - 1);
        sources[cluster] = new int[] {path[left], path[left + 1]};
        made[cluster] = new double[] {1 - right, right};
        read[cluster] =
            new double[] {
              share * (1 - right) / trapezoid(left, last + 1),
              share * right / trapezoid(left + 1, last + 1)
            };
      }
    }
    return new Mixing(clustering, sources, made, made, read);
  }

  /** A sample's share of the integral, in distances of samples. */
  private static double trapezoid(int sample, int samples) {
    return samples > 1 && (sample == 0 || sample == samples - 1) ? 0.5 : 1;
  }
}
