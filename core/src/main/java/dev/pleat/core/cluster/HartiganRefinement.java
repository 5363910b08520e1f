package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * Hartigan's method: moves single channels between clusters as long as a move lowers the objective
 * J (Hartigan, "Clustering Algorithms", 1975; method: section 2 of the paper with G = XXᵀ).
 *
 * <p>Channel i moves from cluster a to b when n_a/(n_a−1)·d²(i,a) > n_b/(n_b+1)·d²(i,b), with
 * d²(i,c) = G_ii − 2S_ic/n_c + Q_c/n_c². Only members of clusters with two or more can move, so no
 * cluster becomes empty, and only they need sums S kept.
 */
public final class HartiganRefinement {
  /** A move must gain more than this share of the channel's cost ... */
  private static final double RELATIVE_GAIN = 1e-9;

  /** ... and of the largest squared norm: smaller gains are rounding, and could go on for ever. */
  private static final double ABSOLUTE_GAIN = 1e-12;

  private final int size;
  private final double leastGain;
  private final ClusterSums sums;

  /** The clusters of all moves so far, two for each. */
  private int[] changed = new int[64];

  private int changes;

  /** How many changes a channel had seen when it last found no better cluster. */
  private final int[] seen;

  /** How many changes there were when a cluster last changed. */
  private final int[] changedAt;

  private HartiganRefinement(GramMatrix gram, Clustering start) {
    size = gram.size();
    leastGain = ABSOLUTE_GAIN * Arrays.stream(gram.squares()).max().orElse(0);
    sums = new ClusterSums(gram, start);
    seen = new int[size];
    changedAt = new int[start.count()];
    Arrays.fill(seen, -1);
  }

  /**
   * Refines a clustering until no single move lowers J. The width stays, J never rises, dropped
   * channels stay dropped. Ties go to the lower cluster.
   *
   * @throws dev.pleat.core.PleatException when the clustering is of another number of channels
   */
  public static Clustering refine(GramMatrix gram, Clustering start) {
    Objective.checkSizes(gram, start);
    return new HartiganRefinement(gram, start).run();
  }

  private Clustering run() {
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int i = 0; i < size; i++) {
        if (sums.isMovable(i)) {
          moved |= improve(i);
        }
      }
    }
    return Clustering.of(sums.clusterOf());
  }

  private boolean improve(int i) {
    int from = sums.clusterOf(i);
    double removal = sums.removalGain(i);
    int to = bestCluster(i, from);
    // A cost below zero is the rounding of single precision; as a gain it would never be used up.
    double gain = to == from ? 0 : removal - Math.max(0, sums.insertionCost(i, to));
    if (gain <= leastGain + RELATIVE_GAIN * removal) {
      seen[i] = changes;
      return false;
    }
    sums.move(i, to);
    note(from);
    note(to);
    return true;
  }

  /**
   * The cheapest cluster to go to: among those that changed since i last looked, when that does.
   */
  private int bestCluster(int i, int from) {
    boolean ownChanged = seen[i] < changedAt[from];
    if (ownChanged || changes - seen[i] > changedAt.length) {
      return sums.cheapest(i);
    }
    int best = from;
    double least = Double.POSITIVE_INFINITY;
    for (int c = seen[i]; c < changes; c++) {
      int cluster = changed[c];
      if (cluster == from) {
        continue;
      }
      double cost = sums.insertionCost(i, cluster);
      if (cost < least || (cost == least && cluster < best)) {
        least = cost;
        best = cluster;
      }
    }
    return best;
  }

  private void note(int cluster) {
    if (changes == changed.length) {
      changed = Arrays.copyOf(changed, 2 * changes);
    }
    changed[changes++] = cluster;
    changedAt[cluster] = changes;
  }
}
