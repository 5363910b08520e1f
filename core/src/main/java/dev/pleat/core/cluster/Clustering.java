package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.ClusterCount;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which cluster each of n channels belongs to: the matrix U of the paper, of which row i is 1 in
 * column {@code clusterOf(i)} and 0 elsewhere. A channel may be dropped (its row is 0), which is
 * what pruning does. Clusters are numbered 0 … k−1 by their lowest member.
 */
public final class Clustering {
  /** The cluster of a channel that is dropped. */
  public static final int DROPPED = -1;

  private final int[] clusterOf;
  private final int count;
  private final int[] lowest;

  private Clustering(int[] clusterOf, int count) {
    this.clusterOf = clusterOf;
    this.count = count;
    this.lowest = new int[count];
    for (int i = clusterOf.length - 1; i >= 0; i--) {
      if (clusterOf[i] != DROPPED) {
        lowest[clusterOf[i]] = i;
      }
    }
  }

  /** Refuses a number of clusters that is asked for and that n channels do not have. */
  static void requireWidth(int k, int n) {
    if (k < 1 || k > n) {
      throw new PleatException("width " + k + " asked of " + n + " channels; take 1 to " + n);
    }
  }

  /**
   * Groups channels by label, whatever the labels' values are.
   *
   * @param labels one for each channel; equal labels share a cluster, {@link #DROPPED} drops
   * @throws PleatException when there are no channels or all of them are dropped
   */
  public static Clustering of(int[] labels) {
    int[] distinct = Arrays.stream(labels).filter(label -> label != DROPPED).sorted().toArray();
    if (distinct.length == 0) {
      throw new PleatException(
          "clustering of " + labels.length + " channels keeps none; keep at least one");
    }
    int[] numberOf = new int[distinct.length];
    Arrays.fill(numberOf, DROPPED);
    int[] clusterOf = new int[labels.length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] == DROPPED) {
        clusterOf[i] = DROPPED;
        continue;
      }
      int found = firstIndexOf(distinct, labels[i]);
      if (numberOf[found] == DROPPED) {
        numberOf[found] = count++;
      }
      clusterOf[i] = numberOf[found];
    }
    return new Clustering(clusterOf, count);
  }

  private static int firstIndexOf(int[] sorted, int label) {
    int low = 0;
    int high = sorted.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < label) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * Every channel alone in its cluster.
   *
   * @param n number of channels, at least 1
   */
  public static Clustering identity(int n) {
    int[] labels = new int[n];
    Arrays.setAll(labels, i -> i);
    return of(labels);
  }

  /**
   * Keeps some channels, each alone, and drops the others.
   *
   * @param kept distinct channels in [0, n), at least one, in any order
   * @param n number of channels
   * @throws PleatException when a channel is out of range or named twice
   */
  public static Clustering keep(int[] kept, int n) {
    int[] labels = new int[n];
    Arrays.fill(labels, DROPPED);
    for (int channel : kept) {
      if (channel < 0 || channel >= n || labels[channel] != DROPPED) {
        throw new PleatException(
            "channels to keep: %d is named twice or not in [0, %d)".formatted(channel, n));
      }
      labels[channel] = channel;
    }
    return of(labels);
  }

  /** The number of channels n. */
  public int channels() {
    return clusterOf.length;
  }

  /** The number of clusters k, at least 1. */
  public int count() {
    return count;
  }

  /** The cluster of a channel, in [0, k), or {@link #DROPPED}. */
  public int clusterOf(int channel) {
    return clusterOf[channel];
  }

  /** The cluster of each channel, as a new array. */
  public int[] clusterOf() {
    return clusterOf.clone();
  }

  /** The number of members of each cluster, as a new array. */
  public int[] sizes() {
    int[] sizes = new int[count];
    for (int c : clusterOf) {
      if (c != DROPPED) {
        sizes[c]++;
      }
    }
    return sizes;
  }

  /** How many clusters of each size there are, sizes rising. */
  public List<ClusterCount> sizeCounts() {
    SortedMap<Integer, Integer> counts = new TreeMap<>();
    for (int size : sizes()) {
      counts.merge(size, 1, Integer::sum);
    }
    return counts.entrySet().stream()
        .map(entry -> new ClusterCount(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** The members of each cluster, rising, as new arrays. */
  public int[][] members() {
    int[] sizes = sizes();
    int[][] members = new int[count][];
    Arrays.setAll(members, c -> new int[sizes[c]]);
    int[] filled = new int[count];
    for (int i = 0; i < clusterOf.length; i++) {
      int c = clusterOf[i];
      if (c != DROPPED) {
        members[c][filled[c]++] = i;
      }
    }
    return members;
  }

  /** Whether a channel is the lowest member of its cluster, whose place a merged channel takes. */
  public boolean isRepresentative(int channel) {
    int cluster = clusterOf[channel];
    return cluster != DROPPED && lowest[cluster] == channel;
  }

  /** This clustering followed by one of its clusters. */
  public Clustering then(Clustering next) {
    int[] labels = new int[clusterOf.length];
    Arrays.setAll(labels, i -> clusterOf[i] == DROPPED ? DROPPED : next.clusterOf[clusterOf[i]]);
    return of(labels);
  }

  /** Whether every channel is alone in its cluster and none is dropped. */
  public boolean isIdentity() {
    return count == clusterOf.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Clustering that && Arrays.equals(clusterOf, that.clusterOf);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(clusterOf);
  }

  @Override
  public String toString() {
    return "Clustering of " + clusterOf.length + " channels into " + count;
  }
}
