package dev.pleat.core.cluster;

import dev.pleat.core.report.SimilarityMap;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Cosine similarities of channels before and after merging, from the Gram matrix alone: cos(i, j) =
 * G_ij / √(G_ii·G_jj). A channel whose features are all 0 is like no other.
 */
public final class Similarity {
  private final GramMatrix gram;
  private final int[][] clusters;
  private final int[] order;

  private Similarity(GramMatrix gram, Clustering clustering) {
    this.gram = gram;
    this.clusters = clustering.members();
    Arrays.sort(clusters, Comparator.comparingInt((int[] members) -> -members.length));
    IntStream kept = Arrays.stream(clusters).flatMapToInt(Arrays::stream);
    IntStream dropped =
        IntStream.range(0, gram.size()).filter(i -> clustering.clusterOf(i) == Clustering.DROPPED);
    this.order = IntStream.concat(kept, dropped).toArray();
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

  /** Of all channels, members of a cluster side by side, dropped channels last. */
  public SimilarityMap before() {
    double[] inverse = inverseNorms(order.length, i -> gram.get(order[i], order[i]));
    return map(order.length, (i, j) -> gram.get(order[i], order[j]) * inverse[i] * inverse[j]);
  }

  /** Of the clusters' means, the largest cluster first. */
  public SimilarityMap after() {
    int k = clusters.length;
    double[] inverse = inverseNorms(k, c -> meanProduct(clusters[c], clusters[c]));
    return map(k, (c, d) -> meanProduct(clusters[c], clusters[d]) * inverse[c] * inverse[d]);
  }

  private double meanProduct(int[] left, int[] right) {
    double sum = 0;
    for (int i : left) {
      for (int j : right) {
        sum += gram.get(i, j);
      }
    }
    return sum / ((double) left.length * right.length);
  }

  private static double[] inverseNorms(int n, IntToDoubleFunction square) {
    double[] inverse = new double[n];
    Arrays.setAll(
        inverse,
        i -> {
          double value = square.applyAsDouble(i);
          return value > 0 ? 1 / Math.sqrt(value) : 0;
        });
    return inverse;
  }

  private interface Cosine {
    double of(int i, int j);
  }

  /** Strips differ by at most one channel in their size. */
  private static SimilarityMap map(int n, Cosine cosine) {
    int side = Math.min(n, SimilarityMap.MOST);
    int[] starts = new int[side + 1];
    Arrays.setAll(starts, s -> Math.toIntExact((long) s * n / side));
    byte[] cells = new byte[side * side];
    IntStream.range(0, side)
        .parallel()
        .forEach(r -> {
          for (int c = 0; c <= r; c++) {
            byte cell = cell(starts[r], starts[r + 1], starts[c], starts[c + 1], cosine);
            cells[r * side + c] = cell;
            cells[c * side + r] = cell;
          }
        });
    return new SimilarityMap(n, side, cells);
  }

  private static byte cell(int top, int bottom, int left, int right, Cosine cosine) {
    double sum = 0;
    int pairs = 0;
    boolean alone = top == left && bottom - top == 1;
    for (int i = top; i < bottom; i++) {
      for (int j = left; j < right; j++) {
        if (i != j || alone) {
          sum += cosine.of(i, j);
          pairs++;
        }
      }
    }
    return (byte) Math.round(Byte.MAX_VALUE * Math.clamp(sum / pairs, -1.0, 1.0));
  }
}
