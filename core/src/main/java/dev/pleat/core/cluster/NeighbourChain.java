package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * Ward's method by chains of nearest neighbours (Murtagh, "A survey of recent advances in
 * hierarchical clustering algorithms", 1983). The distance of two clusters, δ, is the increase of J
 * when they merge.
 */
final class NeighbourChain {
  private static final int NONE = -1;

  private final int size;
  private final ClusterDistances distances;
  private final int[] chain;
  private final boolean[] onChain;
  private int length;

  private final int[] kept;
  private final int[] absorbed;
  private final float[] costs;

  /**
   * A chain to run.
   *
   * @param size number of channels, each a cluster of its own
   */
  NeighbourChain(int size, ClusterDistances distances) {
    this.size = size;
    this.distances = distances;
    chain = new int[size];
    onChain = new boolean[size];
    kept = new int[size - 1];
    absorbed = new int[size - 1];
    costs = new float[size - 1];
  }

  WardTree run() {
    int merges = 0;
    while (merges < size - 1) {
      if (length == 0) {
        push(0);
      }
      int tip = chain[length - 1];
      int before = length > 1 ? chain[length - 2] : NONE;
      int nearest = distances.nearest(tip, before);
      if (nearest == before) {
        pop();
        pop();
        merge(merges++, Math.min(tip, nearest), Math.max(tip, nearest));
      } else {
        // Rounding can make a merged cluster nearer than its parts were: go back to that link.
        while (onChain[nearest]) {
          pop();
        }
        push(nearest);
      }
    }
    return WardTree.sorted(kept, absorbed, costs);
  }

  private void push(int position) {
    chain[length++] = position;
    onChain[position] = true;
  }

  private void pop() {
    onChain[chain[--length]] = false;
  }

  private void merge(int merge, int a, int b) {
    kept[merge] = distances.lowest(a);
    absorbed[merge] = distances.lowest(b);
    costs[merge] = distances.merge(a, b);
    int[] moved = distances.squeeze();
    if (moved.length > 0) {
      Arrays.fill(onChain, false);
      for (int link = 0; link < length; link++) {
        chain[link] = moved[chain[link]];
        onChain[chain[link]] = true;
      }
    }
  }
}
