package dev.pleat.core.cluster;

import dev.pleat.core.linalg.Heap;
import java.util.Arrays;

/**
 * What Hartigan's test needs of every cluster, kept up to date through moves, in double: n_c, Q_c =
 * Σ_{i,j∈c} G_ij and S_ic = Σ_{j∈c} G_ij.
 *
 * <p>For a cluster of one channel j, S_ic is G_ij itself. So S is stored for clusters of two or
 * more only (each has a slot), and only for their members: at most half of n² values, and few when
 * the width is near n.
 */
final class ClusterSums {
  private static final double[] NO_ROW = {};
  private static final int NO_SLOT = -1;
  private static final int NO_CLUSTER = Integer.MAX_VALUE;

  private final int size;
  private final FloatSquare gram;
  private final double[] squares;

  private final int[] clusterOf;
  private final int[] members;

  /** For a cluster of one, its member. */
  private final int[] only;

  /** For each channel that is alone half of its squared norm, for others +∞. */
  private final double[] halfOfSingle;

  private final int[] slotOf;
  private final int[] clusterIn;
  private final double[] total;
  private final int[] freeSlots;
  private int free;

  /** S of a channel that can move, by slot. */
  private final double[][] sums;

  private final int[] movable;
  private int movables;

  /** Cost of inserting i into a slot: ownWeight·G_ii − sumWeight·S_ic + constant. */
  private final double[] ownWeight;

  private final double[] sumWeight;
  private final double[] constant;

  ClusterSums(GramMatrix matrix, Clustering start) {
    size = matrix.size();
    gram = matrix.centred();
    squares = matrix.squares();
    clusterOf = start.clusterOf();
    members = start.sizes();
    int clusters = start.count();
    only = new int[clusters];
    halfOfSingle = new double[size];
    slotOf = new int[clusters];
    total = new double[clusters];
    int kept = Arrays.stream(members).sum();
    // There are never more clusters of two or more than this, and one more while a channel moves.
    int slots = Math.min(clusters, kept - clusters) + 1;
    clusterIn = new int[slots];
    freeSlots = new int[slots];
    ownWeight = new double[slots];
    sumWeight = new double[slots];
    constant = new double[slots];
    Heap.require(
        (long) size * size * Float.BYTES + (long) slots * movables(members) * Double.BYTES,
        "moving %d channels between %d clusters".formatted(kept, clusters));
    sums = new double[size][];
    movable = new int[size];
    Arrays.fill(sums, NO_ROW);
    Arrays.fill(slotOf, NO_SLOT);
    Arrays.fill(halfOfSingle, Double.POSITIVE_INFINITY);
    for (int slot = slots - 1; slot >= 0; slot--) {
      release(slot);
    }
    build(start.members());
  }

  private static long movables(int[] members) {
    return Arrays.stream(members).filter(count -> count > 1).sum();
  }

  private void build(int[][] memberLists) {
    for (int c = 0; c < memberLists.length; c++) {
      if (members[c] == 1) {
        setAlone(c, memberLists[c][0]);
      } else {
        slotOf[c] = freeSlots[--free];
        clusterIn[slotOf[c]] = c;
        for (int i : memberLists[c]) {
          movable[movables++] = i;
        }
      }
    }
    for (int p = 0; p < movables; p++) {
      sums[movable[p]] = rowOf(movable[p]);
    }
    for (int c = 0; c < memberLists.length; c++) {
      if (members[c] > 1) {
        for (int i : memberLists[c]) {
          total[c] += sums[i][slotOf[c]];
        }
        weigh(c);
      }
    }
  }

  /** S of a channel for all slots, from the Gram matrix. */
  private double[] rowOf(int i) {
    double[] row = new double[clusterIn.length];
    float[] inner = gram.band(i);
    int from = gram.start(i);
    for (int p = 0; p < movables; p++) {
      int j = movable[p];
      row[slotOf[clusterOf[j]]] += inner[from + j];
    }
    row[slotOf[clusterOf[i]]] += squares[i] - inner[from + i];
    return row;
  }

  private void setAlone(int cluster, int channel) {
    only[cluster] = channel;
    total[cluster] = squares[channel];
    halfOfSingle[channel] = squares[channel] / 2;
  }

  private void release(int slot) {
    freeSlots[free++] = slot;
    clusterIn[slot] = NO_CLUSTER;
    ownWeight[slot] = 0;
    sumWeight[slot] = 0;
    constant[slot] = Double.POSITIVE_INFINITY;
  }

  private void weigh(int cluster) {
    int slot = slotOf[cluster];
    double n = members[cluster];
    ownWeight[slot] = n / (n + 1);
    sumWeight[slot] = 2 / (n + 1);
    constant[slot] = total[cluster] / (n * (n + 1));
  }

  boolean isMovable(int channel) {
    return sums[channel] != NO_ROW;
  }

  int clusterOf(int channel) {
    return clusterOf[channel];
  }

  int[] clusterOf() {
    return clusterOf;
  }

  /** By how much J falls when a movable channel leaves its cluster. */
  double removalGain(int i) {
    int cluster = clusterOf[i];
    double n = members[cluster];
    double sum = sums[i][slotOf[cluster]];
    return (n * squares[i] - 2 * sum + total[cluster] / n) / (n - 1);
  }

  /** By how much J rises when a movable channel enters another cluster. */
  double insertionCost(int i, int cluster) {
    int slot = slotOf[cluster];
    return slot == NO_SLOT
        ? squares[i] / 2 + (halfOfSingle[only[cluster]] - gram.get(i, only[cluster]))
        : slotCost(i, sums[i], slot);
  }

  private double slotCost(int i, double[] row, int slot) {
    return ownWeight[slot] * squares[i] - sumWeight[slot] * row[slot] + constant[slot];
  }

  /**
   * The other cluster that a movable channel enters at the least cost; its own if there is none.
   */
  int cheapest(int i) {
    int own = clusterOf[i];
    int best = own;
    double least = Double.POSITIVE_INFINITY;
    double[] row = sums[i];
    for (int slot = 0; slot < row.length; slot++) {
      double cost = slotCost(i, row, slot);
      int cluster = clusterIn[slot];
      if (cluster != own && (cost < least || (cost == least && cluster < best))) {
        best = cluster;
        least = cost;
      }
    }
    int nearest = nearestAlone(i);
    if (nearest >= 0) {
      int cluster = clusterOf[nearest];
      double cost = insertionCost(i, cluster);
      if (cost < least || (cost == least && cluster < best)) {
        best = cluster;
      }
    }
    return best;
  }

  /** The nearest channel that is alone in its cluster, or −1. */
  private int nearestAlone(int i) {
    int nearest = -1;
    double least = Double.POSITIVE_INFINITY;
    float[] inner = gram.band(i);
    int from = gram.start(i);
    for (int j = 0; j < size; j++) {
      double cost = halfOfSingle[j] - inner[from + j];
      if (cost < least) {
        least = cost;
        nearest = j;
      }
    }
    return nearest;
  }

  void move(int i, int to) {
    int from = clusterOf[i];
    if (slotOf[to] == NO_SLOT) {
      openSlot(to);
    }
    int fromSlot = slotOf[from];
    int toSlot = slotOf[to];
    total[from] += squares[i] - 2 * sums[i][fromSlot];
    total[to] += squares[i] + 2 * sums[i][toSlot];
    clusterOf[i] = to;
    members[from]--;
    members[to]++;
    float[] row = gram.band(i);
    int start = gram.start(i);
    for (int p = 0; p < movables; p++) {
      int x = movable[p];
      double inner = x == i ? squares[i] : row[start + x];
      double[] sum = sums[x];
      sum[fromSlot] -= inner;
      sum[toSlot] += inner;
    }
    if (members[from] == 1) {
      closeSlot(from);
    } else {
      weigh(from);
    }
    weigh(to);
  }

  /** Makes the only member of a cluster movable, before another channel joins it. */
  private void openSlot(int cluster) {
    int alone = only[cluster];
    int slot = freeSlots[--free];
    slotOf[cluster] = slot;
    clusterIn[slot] = cluster;
    halfOfSingle[alone] = Double.POSITIVE_INFINITY;
    float[] row = gram.band(alone);
    int start = gram.start(alone);
    for (int p = 0; p < movables; p++) {
      sums[movable[p]][slot] = row[start + movable[p]];
    }
    movable[movables++] = alone;
    sums[alone] = rowOf(alone);
  }

  /** The last member of a cluster stays where it is. */
  private void closeSlot(int cluster) {
    int slot = slotOf[cluster];
    slotOf[cluster] = NO_SLOT;
    release(slot);
    for (int p = 0; p < movables; p++) {
      int channel = movable[p];
      if (clusterOf[channel] == cluster) {
        movable[p] = movable[--movables];
        sums[channel] = NO_ROW;
        setAlone(cluster, channel);
        return;
      }
    }
  }
}
