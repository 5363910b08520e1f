package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;
import java.util.Arrays;

/**
 * Baseline: iterative feature merging (IFM, Chen, Zhou and Yan, ICLR 2024, 2310.06756, section 4).
 * Again and again the two channels merge whose weights are nearest, by the squared distance of the
 * rows that make them plus that of the columns that read them. The merged channel is made by the
 * sum of the rows and read by the mean of the columns, and is compared as such from then on, so
 * that a large cluster is far from everything.
 *
 * <p>The paper stops at a threshold; here it goes on to the width that is asked for, as the folding
 * paper's comparison does.
 */
public final class FeatureMerging {
  private final int size;

  /** Squared distances of the summed rows, and of the averaged columns, n×n. */
  private final float[] made;

  private final float[] read;

  /** Squared norms of the summed rows. */
  private final double[] norms;

  private final int[] members;
  private final boolean[] gone;

  /** For each channel the nearest other one, and how far it is. */
  private final int[] nearest;

  private final double[] least;

  private FeatureMerging(GramMatrix rows, GramMatrix columns) {
    size = rows.size();
    made = distances(rows);
    read = distances(columns);
    norms = new double[size];
    Arrays.setAll(norms, i -> Math.max(0, rows.get(i, i)));
    members = new int[size];
    Arrays.fill(members, 1);
    gone = new boolean[size];
    nearest = new int[size];
    least = new double[size];
    for (int i = 0; i < size; i++) {
      look(i);
    }
  }

  private static float[] distances(GramMatrix gram) {
    int n = gram.size();
    float[] distances = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        float distance = (float) gram.squaredDistance(i, j);
        distances[i * n + j] = distance;
        distances[j * n + i] = distance;
      }
    }
    return distances;
  }

  /**
   * Merges until k channels are left. Usually O(n²) time; memory is 2n² floats beside the Gram
   * matrices.
   *
   * @param rows the Gram matrix of the weights that make the channels
   * @param columns that of the weights that read them
   * @param k number of clusters, in [1, n]
   * @throws PleatException when k is out of range or the matrices are of different sizes
   */
  public static Clustering of(GramMatrix rows, GramMatrix columns, int k) {
    Clustering.requireWidth(k, rows.size());
    if (rows.size() != columns.size()) {
      throw new PleatException(
          "%d channels are made and %d are read; both must be as many"
              .formatted(rows.size(), columns.size()));
    }
    return new FeatureMerging(rows, columns).run(k);
  }

  private Clustering run(int k) {
    int[] labels = new int[size];
    Arrays.setAll(labels, i -> i);
    for (int left = size; left > k; left--) {
      int first = -1;
      for (int i = 0; i < size; i++) {
        if (!gone[i] && (first < 0 || least[i] < least[first])) {
          first = i;
        }
      }
      int kept = Math.min(first, nearest[first]);
      int absorbed = Math.max(first, nearest[first]);
      merge(kept, absorbed);
      for (int i = 0; i < size; i++) {
        if (labels[i] == absorbed) {
          labels[i] = kept;
        }
      }
    }
    return Clustering.of(labels);
  }

  private void merge(int a, int b) {
    double between = made[a * size + b];
    double readBetween = read[a * size + b];
    double na = members[a];
    double nb = members[b];
    gone[b] = true;
    for (int c = 0; c < size; c++) {
      if (gone[c] || c == a) {
        continue;
      }
      // |a+b−c|² and |(n_a·a+n_b·b)/(n_a+n_b) − c|², from the distances before.
      double rows =
          made[a * size + c] + made[b * size + c] - between + norms[a] + norms[b] - norms[c];
      double columns =
          (na * read[a * size + c] + nb * read[b * size + c]) / (na + nb)
              - na * nb * readBetween / ((na + nb) * (na + nb));
      set(made, a, c, rows);
      set(read, a, c, columns);
    }
    norms[a] = Math.max(0, 2 * norms[a] + 2 * norms[b] - between);
    members[a] += members[b];
    look(a);
    for (int c = 0; c < size; c++) {
      if (gone[c] || c == a) {
        continue;
      }
      if (nearest[c] == a || nearest[c] == b) {
        look(c);
      } else if (distance(c, a) < least[c]) {
        nearest[c] = a;
        least[c] = distance(c, a);
      }
    }
  }

  private void set(float[] distances, int i, int j, double value) {
    distances[i * size + j] = (float) Math.max(0, value);
    distances[j * size + i] = (float) Math.max(0, value);
  }

  private double distance(int i, int j) {
    return (double) made[i * size + j] + read[i * size + j];
  }

  private void look(int i) {
    nearest[i] = i;
    least[i] = Double.POSITIVE_INFINITY;
    for (int j = 0; j < size; j++) {
      if (j != i && !gone[j] && distance(i, j) < least[i]) {
        nearest[i] = j;
        least[i] = distance(i, j);
      }
    }
  }
}
