package dev.pleat.core.cluster;

/** Baseline: clusters drawn by lot, whose sizes differ by at most one. */
public final class RandomClustering {
  private RandomClustering() {}

  /**
   * Draws a clustering.
   *
   * @param n number of channels
   * @param k number of clusters, in [1, n]
   * @param seed equal seeds draw equal clusterings, on every JDK
   * @throws dev.pleat.core.PleatException when k is out of range
   */
  public static Clustering of(int n, int k, long seed) {
    Clustering.requireWidth(k, n);
    int[] order = new SplitMix64(seed).permutation(n);
    int[] labels = new int[n];
    for (int place = 0; place < n; place++) {
      labels[order[place]] = (int) ((long) place * k / n);
    }
    return Clustering.of(labels);
  }
}
