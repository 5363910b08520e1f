package dev.pleat.core.cluster;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Baselines: k-means from random starts, the best of {@value #STARTS} by the objective J. Starts
 * are drawn by k-means++ (Arthur and Vassilvitskii, SODA 2007). Everything is read off the Gram
 * matrix: with S_ic = Σ_{j∈c} G_ij and Q_c = Σ_{i∈c} S_ic, a channel's squared distance from the
 * mean of a cluster is G_ii − 2S_ic/n_c + Q_c/n_c².
 */
public final class KMeans {
  /** Random starts of which the best counts. */
  static final int STARTS = 10;

  /** Far more than k-means takes; a bound because rounding could go round in circles. */
  private static final int MOST_ROUNDS = 300;

  private final GramMatrix gram;
  private final FloatSquare inner;
  private final double[] squares;
  private final int size;

  private KMeans(GramMatrix gram) {
    this.gram = gram;
    this.inner = gram.centred();
    this.squares = gram.squares();
    this.size = gram.size();
  }

  /**
   * Lloyd's iterations: every channel joins the nearest mean, then the means are taken again (IEEE
   * Trans. Inf. Theory 28, 1982). Clusters never become empty.
   *
   * @param k number of clusters, in [1, n]
   * @param seed equal seeds give equal clusterings, at any number of threads
   * @throws dev.pleat.core.PleatException when k is out of range
   */
  public static Clustering lloyd(GramMatrix gram, int k, long seed) {
    KMeans means = new KMeans(gram);
    return means.best(k, seed, means::iterated);
  }

  /**
   * Hartigan's moves of single channels, {@link HartiganRefinement}.
   *
   * @param k number of clusters, in [1, n]
   * @param seed equal seeds give equal clusterings
   * @throws dev.pleat.core.PleatException when k is out of range
   */
  public static Clustering hartigan(GramMatrix gram, int k, long seed) {
    return new KMeans(gram).best(k, seed, start -> HartiganRefinement.refine(gram, start));
  }

  private Clustering best(int k, long seed, UnaryOperator<Clustering> improve) {
    Clustering.requireWidth(k, size);
    SplitMix64 random = new SplitMix64(seed);
    Clustering best = Clustering.identity(size);
    double least = Double.POSITIVE_INFINITY;
    for (int start = 0; start < STARTS; start++) {
      Clustering found = improve.apply(seeded(k, random));
      double objective = Objective.of(gram, found);
      if (objective < least) {
        best = found;
        least = objective;
      }
    }
    return best;
  }

  /** k channels, each drawn by its squared distance from those before, and who is next to them. */
  private Clustering seeded(int k, SplitMix64 random) {
    int[] labels = new int[size];
    double[] nearest = new double[size];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    boolean[] taken = new boolean[size];
    for (int c = 0; c < k; c++) {
      int centre = c == 0 ? random.nextInt(size) : drawn(nearest, taken, random);
      taken[centre] = true;
      for (int i = 0; i < size; i++) {
        double distance = gram.squaredDistance(i, centre);
        if (i == centre || (!taken[i] && distance < nearest[i])) {
          nearest[i] = distance;
          labels[i] = c;
        }
      }
    }
    return Clustering.of(labels);
  }

  private int drawn(double[] nearest, boolean[] taken, SplitMix64 random) {
    double rest = random.nextDouble() * IntStream.range(0, size).mapToDouble(i -> nearest[i]).sum();
    int last = -1;
    for (int i = 0; i < size; i++) {
      if (!taken[i]) {
        last = i;
        rest -= nearest[i];
        if (rest < 0) {
          return i;
        }
      }
    }
    return last;
  }

  private Clustering iterated(Clustering start) {
    int[] labels = start.clusterOf();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      int[] next = reassigned(labels, start.count());
      if (Arrays.equals(next, labels)) {
        break;
      }
      labels = next;
    }
    return Clustering.of(labels);
  }

  private int[] reassigned(int[] labels, int k) {
    int[] sizes = new int[k];
    for (int label : labels) {
      sizes[label]++;
    }
    double[] own = new double[size];
    IntStream.range(0, size).parallel().forEach(i -> own[i] = sums(i, labels, k)[labels[i]]);
    double[] squaredMeans = new double[k];
    for (int i = 0; i < size; i++) {
      squaredMeans[labels[i]] += own[i];
    }
    for (int c = 0; c < k; c++) {
      squaredMeans[c] /= (double) sizes[c] * sizes[c];
    }
    int[] next = new int[size];
    double[] distance = new double[size];
    IntStream.range(0, size)
        .parallel()
        .forEach(i -> {
          double[] sums = sums(i, labels, k);
          int best = labels[i];
          double least = squaredMeans[best] - 2 * sums[best] / sizes[best];
          for (int c = 0; c < k; c++) {
            double other = squaredMeans[c] - 2 * sums[c] / sizes[c];
            if (other < least) {
              least = other;
              best = c;
            }
          }
          next[i] = best;
          distance[i] = squares[i] + least;
        });
    fill(next, distance, k);
    return next;
  }

  /** S of one channel. */
  private double[] sums(int i, int[] labels, int k) {
    double[] sums = new double[k];
    float[] row = inner.band(i);
    int start = inner.start(i);
    for (int j = 0; j < size; j++) {
      sums[labels[j]] += row[start + j];
    }
    return sums;
  }

  /** Gives each cluster that lost all of its channels the one that is farthest from its mean. */
  private void fill(int[] labels, double[] distance, int k) {
    int[] sizes = new int[k];
    for (int label : labels) {
      sizes[label]++;
    }
    for (int c = 0; c < k; c++) {
      if (sizes[c] == 0) {
        int farthest = -1;
        for (int i = 0; i < size; i++) {
          if (sizes[labels[i]] > 1 && (farthest < 0 || distance[i] > distance[farthest])) {
            farthest = i;
          }
        }
        sizes[labels[farthest]]--;
        labels[farthest] = c;
        sizes[c]++;
      }
    }
  }
}
