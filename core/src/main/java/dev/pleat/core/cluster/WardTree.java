package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * The binary tree of merges that Ward's method makes: at every step the two clusters merge whose
 * union raises the objective J least. One tree therefore holds a clustering and its J for every
 * width, the group's redundancy curve.
 */
public final class WardTree {
  private final int size;

  /** Lowest members of the two clusters of merge t, cheapest merge first. */
  private final int[] kept;

  private final int[] absorbed;

  /** J after t merges. */
  private final double[] objectives;

  private WardTree(int size, int[] kept, int[] absorbed, double[] objectives) {
    this.size = size;
    this.kept = kept;
    this.absorbed = absorbed;
    this.objectives = objectives;
  }

  /**
   * Builds the tree in O(n²) time. Ties go to the lower channel. Memory is n² floats beside the
   * Gram matrix; where its own n² do not fit one array, from 46,341 channels on, none: the tree is
   * then built in half of the matrix, which nobody may read meanwhile.
   */
  public static WardTree of(GramMatrix gram) {
    return gram.centred().isWhole()
        ? new NeighbourChain(gram.size(), new DistanceRows(gram)).run()
        : inPlace(gram);
  }

  static WardTree inPlace(GramMatrix gram) {
    DistancesInPlace distances = new DistancesInPlace(gram);
    WardTree tree = new NeighbourChain(gram.size(), distances).run();
    distances.restore();
    return tree;
  }

  /**
   * Sorts merges found in any order in which a cluster is made before it is merged.
   *
   * @param kept lower of the two lowest members, for each merge
   * @param absorbed the other lowest member
   * @param costs increase of J by each merge, at least 0
   */
  static WardTree sorted(int[] kept, int[] absorbed, float[] costs) {
    int merges = costs.length;
    float[] heights = new float[merges + 1];
    long[] order = new long[merges];
    for (int t = 0; t < merges; t++) {
      // Rounding must not put a merge before those that made its two clusters.
      float height = Math.max(costs[t], Math.max(heights[kept[t]], heights[absorbed[t]]));
      heights[kept[t]] = height;
      order[t] = (long) Float.floatToIntBits(height) << 32 | t;
    }
    Arrays.sort(order);
    int[] sortedKept = new int[merges];
    int[] sortedAbsorbed = new int[merges];
    double[] objectives = new double[merges + 1];
    for (int t = 0; t < merges; t++) {
      int merge = (int) order[t];
      sortedKept[t] = kept[merge];
      sortedAbsorbed[t] = absorbed[merge];
      objectives[t + 1] = objectives[t] + costs[merge];
    }
    return new WardTree(merges + 1, sortedKept, sortedAbsorbed, objectives);
  }

  /** The number of channels n. */
  public int size() {
    return size;
  }

  /**
   * J of the cut at width k; 0 for k = n, never rising with k.
   *
   * @throws dev.pleat.core.PleatException when k is not in [1, n]
   */
  public double objective(int k) {
    Clustering.requireWidth(k, size);
    return objectives[size - k];
  }

  /**
   * The clustering after the n − k cheapest merges.
   *
   * @throws dev.pleat.core.PleatException when k is not in [1, n]
   */
  public Clustering cut(int k) {
    Clustering.requireWidth(k, size);
    int[] lowest = new int[size];
    Arrays.setAll(lowest, i -> i);
    for (int t = 0; t < size - k; t++) {
      lowest[absorbed[t]] = kept[t];
    }
    for (int i = 0; i < size; i++) {
      // A link leads to a lower channel, which is resolved already.
      lowest[i] = lowest[lowest[i]];
    }
    return Clustering.of(lowest);
  }
}
