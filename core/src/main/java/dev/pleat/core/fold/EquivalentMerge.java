package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Merges the equivalent channels of a group, as far as a width asks for it. */
final class EquivalentMerge {
  private EquivalentMerge() {}

  /**
   * As many of the class merges as leave each partition no fewer clusters than its share of k, and
   * all partitions equally many.
   *
   * @param classes the equivalent channels
   * @param k channels that are left, in [0, width]
   */
  static Clustering of(ChannelGroup group, Clustering classes, int k) {
    if (classes.isIdentity()) {
      return classes;
    }
    int[] distinct = new int[group.partitions()];
    for (int[] members : classes.members()) {
      distinct[group.partition()[members[0]]]++;
    }
    int share = Math.max(k / group.partitions(), Arrays.stream(distinct).max().orElse(0));
    int[] merges = new int[group.partitions()];
    Arrays.fill(merges, group.width() / group.partitions() - share);
    int[] clusterOf = IntStream.range(0, group.width()).toArray();
    for (int[] members : classes.members()) {
      int partition = group.partition()[members[0]];
      for (int m = 1; m < members.length && merges[partition] > 0; m++) {
        clusterOf[members[m]] = members[0];
        merges[partition]--;
      }
    }
    return Clustering.of(clusterOf);
  }
}
