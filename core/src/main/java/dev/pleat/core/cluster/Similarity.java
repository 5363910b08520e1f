package dev.pleat.core.cluster;

import dev.pleat.core.report.SimilarityMap;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Correlations of channels before and after merging, from the Gram matrix alone: the cosines of
 * their features less the mean of all channels, cos(i, j) = B_ij / √(B_ii·B_jj) with the centred
 * Gram matrix B_ij = G_ij − Ḡ_i − Ḡ_j + Ḡ. What all channels have in common makes them no more
 * redundant: J knows distances only. A channel that is the mean is like no other.
 */
public final class Similarity {
  private final GramMatrix gram;
  private final int[][] clusters;
  private final int[] order;

  /** Ḡ_i − Ḡ/2 of each channel. */
  private final double[] offsets;

  private Similarity(GramMatrix gram, Clustering clustering) {
    this.gram = gram;
    this.clusters = clustering.members();
    Arrays.sort(clusters, Comparator.comparingInt((int[] members) -> -members.length));
    IntStream kept = Arrays.stream(clusters).flatMapToInt(Arrays::stream);
    IntStream dropped =
        IntStream.range(0, gram.size()).filter(i -> clustering.clusterOf(i) == Clustering.DROPPED);
    this.order = IntStream.concat(kept, dropped).toArray();
    double[] means =
        IntStream.range(0, gram.size()).parallel().mapToDouble(this::meanProduct).toArray();
    double mean = Arrays.stream(means).sum() / means.length;
    this.offsets = Arrays.stream(means).map(m -> m - mean / 2).toArray();
  }

  /**
   * The similarities that a clustering has to do with.
   *
   * @throws dev.pleat.core.PleatException when the clustering is of another number of channels
   */
  public static Similarity of(GramMatrix gram, Clustering clustering) {
    Objective.checkSizes(gram, clustering);
    return new Similarity(gram, clustering);
  }

  private double meanProduct(int i) {
    double sum = 0;
    for (int j = 0; j < gram.size(); j++) {
      sum += gram.get(i, j);
    }
    return sum / gram.size();
  }

  private double centred(int i, int j) {
    return gram.get(i, j) - offsets[i] - offsets[j];
  }

  /** Of the channels, members of a cluster side by side, dropped channels last. */
  public SimilarityMap before() {
    return map(order.length, order.length, (i, j) -> centred(order[i], order[j]));
  }

  /** Of the means of the clusters that {@link #before} shows, in the same order. */
  public SimilarityMap after() {
    int shown = 0;
    for (int members = 0; members < SimilarityMap.MOST && shown < clusters.length; shown++) {
      members += clusters[shown].length;
    }
    return map(clusters.length, shown, (c, d) -> mean(clusters[c], clusters[d]));
  }

  private double mean(int[] left, int[] right) {
    double sum = 0;
    for (int i : left) {
      for (int j : right) {
        sum += centred(i, j);
      }
    }
    return sum / ((double) left.length * right.length);
  }

  /** An inner product. */
  private interface Product {
    double of(int i, int j);
  }

  private static SimilarityMap map(int n, int shown, Product product) {
    int side = Math.min(shown, SimilarityMap.MOST);
    byte[] cells = new byte[side * side];
    for (int r = 0; r < side; r++) {
      for (int c = 0; c <= r; c++) {
        double squares = product.of(r, r) * product.of(c, c);
        double cosine = squares > 0 ? product.of(r, c) / Math.sqrt(squares) : 0;
        byte cell = (byte) Math.round(Byte.MAX_VALUE * Math.clamp(cosine, -1.0, 1.0));
        cells[r * side + c] = cell;
        cells[c * side + r] = cell;
      }
    }
    return new SimilarityMap(n, side, cells);
  }
}
