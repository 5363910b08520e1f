package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.cluster.Objective;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.group.ChannelGroup;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * One group's Gram matrix and the Ward tree of each of its partitions.
 *
 * @param partitions channels of each partition
 * @param trees one for each partition
 * @param norm squared norm of all features, J's upper limit
 * @param gram empty once it is dropped
 */
record GroupTrees(
    int[][] partitions, List<WardTree> trees, double norm, Optional<GramMatrix> gram) {

  /**
   * What becomes of the channels of a group.
   *
   * @param objective J of the clusters
   * @param norm squared norm of the features
   */
  record Found(Mixing mixing, double objective, double norm) {
    /** Every channel as it is. */
    static Found whole(int width) {
      return new Found(Mixing.mean(Clustering.identity(width)), 0, 0);
    }

    Clustering clustering() {
      return mixing.clustering();
    }
  }

  static GroupTrees of(ChannelGroup group, GramMatrix gram) {
    int[][] partitions = group.partitionMembers();
    List<WardTree> trees =
        Arrays.stream(partitions)
            .map(members -> WardTree.of(part(gram, members, partitions.length)))
            .toList();
    return new GroupTrees(partitions, trees, gram.trace(), Optional.of(gram));
  }

  private static GramMatrix part(GramMatrix gram, int[] members, int partitions) {
    return partitions == 1 ? gram : gram.submatrix(members);
  }

  GroupTrees with(Optional<GramMatrix> other) {
    return new GroupTrees(partitions, trees, norm, other);
  }

  int width() {
    return partitions.length * partitions[0].length;
  }

  /** J of the cuts that leave k channels in all; 0 from the full width on. */
  double objective(int k) {
    int share = Math.max(1, k / partitions.length);
    return share >= partitions[0].length
        ? 0
        : trees.stream().mapToDouble(tree -> tree.objective(share)).sum();
  }

  /** The refined cut at k channels. */
  Found fold(int k) {
    int share = k / partitions.length;
    return cluster(share, (p, gram) -> HartiganRefinement.refine(gram, trees.get(p).cut(share)));
  }

  /**
   * Clusters every partition by itself.
   *
   * @param share clusters of each partition
   * @param clusters gives the clusters of a partition from its index and its Gram matrix
   */
  Found cluster(int share, BiFunction<Integer, GramMatrix, Clustering> clusters) {
    int[] clusterOf = new int[width()];
    for (int p = 0; p < partitions.length; p++) {
      int[] members = partitions[p];
      Clustering clustering = clusters.apply(p, part(p));
      for (int i = 0; i < members.length; i++) {
        int cluster = clustering.clusterOf(i);
        clusterOf[members[i]] = cluster < 0 ? cluster : p * share + cluster;
      }
    }
    return found(Mixing.mean(Clustering.of(clusterOf)));
  }

  /** A mixing of the whole group with its J. */
  Found found(Mixing mixing) {
    return new Found(mixing, Objective.of(gram.orElseThrow(), mixing.clustering()), norm);
  }

  /** The Gram matrix of a partition. */
  GramMatrix part(int p) {
    return part(gram.orElseThrow(), partitions[p], partitions.length);
  }
}
