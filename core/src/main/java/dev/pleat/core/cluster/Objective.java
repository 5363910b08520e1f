package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;

/**
 * The paper's objective {@code J(U) = ‖X − CX‖²} with {@code C = U(UᵀU)⁻¹Uᵀ}: the squared distance
 * of all channels from the means of their clusters. A dropped channel adds its squared norm.
 */
public final class Objective {
  private Objective() {}

  /**
   * J of a clustering, from the Gram matrix alone.
   *
   * @return at least 0
   * @throws PleatException when the clustering is of another number of channels
   */
  public static double of(GramMatrix gram, Clustering clustering) {
    checkSizes(gram, clustering);
    double total = 0;
    for (int[] members : clustering.members()) {
      total += ofCluster(gram, members);
    }
    for (int i = 0; i < gram.size(); i++) {
      if (clustering.clusterOf(i) == Clustering.DROPPED) {
        total += gram.get(i, i);
      }
    }
    return total;
  }

  /** Σ over pairs of ‖x_i − x_j‖² / n_c, which equals Σ ‖x_i − mean‖² without cancellation. */
  private static double ofCluster(GramMatrix gram, int[] members) {
    double sum = 0;
    for (int p = 1; p < members.length; p++) {
      for (int q = 0; q < p; q++) {
        sum += gram.squaredDistance(members[p], members[q]);
      }
    }
    return sum / members.length;
  }

  static void checkSizes(GramMatrix gram, Clustering clustering) {
    if (gram.size() != clustering.channels()) {
      throw new PleatException(
          "clustering of %d channels used on a Gram matrix of %d"
              .formatted(clustering.channels(), gram.size()));
    }
  }
}
