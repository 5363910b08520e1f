package dev.pleat.core.cluster;

/**
 * What Ward's method has to know: δ, by how much J rises when two clusters merge, for all pairs of
 * clusters, through merges. Each cluster has a position; positions keep the order of the clusters'
 * lowest channels.
 */
interface ClusterDistances {
  /**
   * The nearest cluster to the one at a position.
   *
   * @param preferred the one to take of equally near ones, −1 for the lowest
   */
  int nearest(int position, int preferred);

  /**
   * Merges two clusters; the union is at {@code a}.
   *
   * @param a below {@code b}
   * @return δ of the two
   */
  float merge(int a, int b);

  /** The lowest channel of the cluster at a position. */
  int lowest(int position);

  /**
   * Squeezes out the positions of merged clusters when that is worth it.
   *
   * @return the new position of each old one, empty when nothing has moved
   */
  int[] squeeze();
}
