package dev.pleat.core.cluster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Merges the most alike first (ZipIt!, 2305.03053, algorithm 1): pairs of channels in the order of
 * their inner product join their clusters as long as these stay small enough, until as many are
 * left as are wanted.
 */
public final class GreedyPairs {
  private GreedyPairs() {}

  /**
   * Clusters of about equal size.
   *
   * @param alike inner products of channels, such as their correlations
   * @param k clusters, in [1, n]
   */
  public static Clustering of(GramMatrix alike, int k) {
    int n = alike.size();
    int[] clusterOf = IntStream.range(0, n).toArray();
    int[] sizes = new int[n];
    Arrays.fill(sizes, 1);
    int left = n;
    // Clusters that fit no other while they stay small may grow beyond.
    for (int most = (n - 1) / k + 1; left > k; most *= 2) {
      for (int[] pair : pairs(alike)) {
        int a = clusterOf[pair[0]];
        int b = clusterOf[pair[1]];
        if (left > k && a != b && sizes[a] + sizes[b] <= most) {
          for (int i = 0; i < n; i++) {
            clusterOf[i] = clusterOf[i] == b ? a : clusterOf[i];
          }
          sizes[a] += sizes[b];
          left--;
        }
      }
    }
    return Clustering.of(clusterOf);
  }

  /** All pairs, the most alike first, equal ones by number. */
  private static int[][] pairs(GramMatrix alike) {
    return IntStream.range(0, alike.size())
        .boxed()
        .flatMap(i -> IntStream.range(0, i).mapToObj(j -> new int[] {j, i}))
        .sorted(Comparator.comparingDouble(pair -> -alike.get(pair[0], pair[1])))
        .toArray(int[][]::new);
  }
}
