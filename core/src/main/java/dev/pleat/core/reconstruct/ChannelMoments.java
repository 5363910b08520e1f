package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.MatrixView;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * First and second moments of what is to be reconstructed, h (n values), and of what it is
 * reconstructed from, g (k values), on the same samples. Blocks are summed in single precision,
 * their sums in double, in the order in which they are added, whatever the number of threads.
 * Memory: k² + k·n doubles, whatever the number of samples.
 */
public final class ChannelMoments {
  /** Rows of a tile of the products that threads share out. */
  private static final int TILE = 256;

  private final int n;
  private final int k;
  private final double[] folded;
  private final double[] cross;
  private final double[] squares;
  private final double[] originalSums;
  private final double[] foldedSums;
  private long samples;

  /**
   * No samples yet.
   *
   * @param n values to reconstruct
   * @param k values to reconstruct from
   */
  public ChannelMoments(int n, int k) {
    this.n = n;
    this.k = k;
    this.folded = new double[Math.multiplyExact(k, k)];
    this.cross = new double[Math.multiplyExact(n, k)];
    this.squares = new double[n];
    this.originalSums = new double[n];
    this.foldedSums = new double[k];
  }

  /**
   * Adds a block of samples.
   *
   * @param original h, n×count, row-major
   * @param reduced g, k×count, row-major
   * @param count samples in the block, at least 1
   */
  public void add(float[] original, float[] reduced, int count, Blas blas) {
    double[] h = sums(original, n, count);
    double[] g = sums(reduced, k, count);
    float[] left = deviations(original, h, count);
    float[] right = deviations(reduced, g, count);
    IntStream.range(0, (k + TILE - 1) / TILE)
        .parallel()
        .forEach(
            t -> addProduct(right, g, t * TILE, right, g, (t + 1) * TILE, count, folded, blas));
    IntStream.range(0, (n + TILE - 1) / TILE)
        .parallel()
        .forEach(t -> addProduct(left, h, t * TILE, right, g, k, count, cross, blas));
    for (int i = 0; i < n; i++) {
      double square = 0;
      for (int s = i * count; s < (i + 1) * count; s++) {
        square += (double) original[s] * original[s];
      }
      squares[i] += square;
    }
    add(originalSums, h);
    add(foldedSums, g);
    samples += count;
  }

  private static double[] sums(float[] values, int rows, int count) {
    double[] sums = new double[rows];
    for (int i = 0; i < rows; i++) {
      for (int s = i * count; s < (i + 1) * count; s++) {
        sums[i] += values[s];
      }
    }
    return sums;
  }

  /** Means far from zero would drown the rest in single precision; they are added in double. */
  private static float[] deviations(float[] values, double[] sums, int count) {
    float[] deviations = new float[values.length];
    for (int i = 0; i < sums.length; i++) {
      double mean = sums[i] / count;
      for (int s = i * count; s < (i + 1) * count; s++) {
        deviations[s] = (float) (values[s] - mean);
      }
    }
    return deviations;
  }

  /** Adds the products of a tile of rows with the first rows of g. */
  private void addProduct(
      float[] left,
      double[] leftSums,
      int from,
      float[] right,
      double[] rightSums,
      int columns,
      int count,
      double[] sums,
      Blas blas) {
    int height = Math.min(TILE, leftSums.length - from);
    int width = Math.min(columns, k);
    float[] product = new float[height * width];
    blas.addProduct(
        new MatrixView(left, from * count, height, count, count),
        new MatrixView(right, 0, width, count, count),
        new MatrixView(product, 0, height, width, width));
    for (int i = 0; i < height; i++) {
      int row = (from + i) * k;
      double mean = leftSums[from + i] / count;
      for (int j = 0; j < width; j++) {
        sums[row + j] += product[i * width + j] + mean * rightSums[j];
      }
    }
  }

  /** Adds the samples of other moments of the same values. */
  public void add(ChannelMoments other) {
    add(folded, other.folded);
    add(cross, other.cross);
    add(squares, other.squares);
    add(originalSums, other.originalSums);
    add(foldedSums, other.foldedSums);
    samples += other.samples;
  }

  private static void add(double[] sum, double[] more) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }

  /**
   * Takes the means away, in place: what is left to fit where a bias takes care of them. Nothing
   * can be added afterwards.
   *
   * @return these moments
   */
  public ChannelMoments centre() {
    if (samples == 0) {
      return this;
    }
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        folded[i * k + j] -= foldedSums[i] * foldedSums[j] / samples;
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        cross[i * k + j] -= originalSums[i] * foldedSums[j] / samples;
      }
      squares[i] -= originalSums[i] * originalSums[i] / samples;
    }
    return this;
  }

  /**
   * Moments of linear functions of h instead of h: what a layer makes of its channels. Their
   * squares are left out, so errors of such moments lack a part that is the same for every B.
   *
   * @param weight m×n, row-major
   */
  public ChannelMoments mapped(double[] weight) {
    int m = weight.length / n;
    ChannelMoments mapped = new ChannelMoments(m, k);
    System.arraycopy(folded, 0, mapped.folded, 0, folded.length);
    System.arraycopy(foldedSums, 0, mapped.foldedSums, 0, k);
    mapped.samples = samples;
    IntStream.range(0, m)
        .parallel()
        .forEach(r -> {
          for (int i = 0; i < n; i++) {
            double factor = weight[r * n + i];
            mapped.originalSums[r] += factor * originalSums[i];
            for (int j = 0; j < k; j++) {
              mapped.cross[r * k + j] += factor * cross[i * k + j];
            }
          }
        });
    return mapped;
  }

  /**
   * Covariances of the values to reconstruct from, once these moments are centred.
   *
   * @return k×k, row-major, symmetric, 0 or more on the diagonal
   */
  public float[] covariances() {
    float[] covariances = new float[k * k];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < i; j++) {
        float covariance = (float) (folded(i, j) / samples);
        covariances[i * k + j] = covariance;
        covariances[j * k + i] = covariance;
      }
      // What never varies may come out below 0 by rounding.
      covariances[i * k + i] = (float) Math.max(0, folded(i, i) / samples);
    }
    return covariances;
  }

  /** Values to reconstruct. */
  public int originalChannels() {
    return n;
  }

  /** Values to reconstruct from. */
  public int foldedChannels() {
    return k;
  }

  /** How many samples were added. */
  public long samples() {
    return samples;
  }

  /** Whether every value that was added was a finite number, and no sum overflowed. */
  public boolean isFinite() {
    return Stream.of(folded, cross, squares, originalSums, foldedSums)
        .allMatch(sums -> Arrays.stream(sums).allMatch(Double::isFinite));
  }

  /** Σ gᵢgⱼ. */
  double folded(int i, int j) {
    return i >= j ? folded[i * k + j] : folded[j * k + i];
  }

  /** Σ hᵢgⱼ. */
  double cross(int i, int j) {
    return cross[i * k + j];
  }

  /** {@code B L} for some rows of B and L the part of Σggᵀ below its diagonal. */
  double[][] lowerProducts(double[] b, int fromRow, int toRow) {
    double[][] products = new double[toRow - fromRow][k];
    for (int l = 0; l < k; l += 4) {
      double[][] lower = new double[4][k];
      for (int i = 0; i < Math.min(4, k - l); i++) {
        System.arraycopy(folded, (l + i) * k, lower[i], 0, l + i);
      }
      for (int r = 0; r < products.length; r++) {
        int at = (fromRow + r) * k + l;
        WeightedRows.add(
            products[r],
            0,
            Math.min(k, l + 4),
            b[at],
            lower[0],
            l + 1 < k ? b[at + 1] : 0,
            lower[1],
            l + 2 < k ? b[at + 2] : 0,
            lower[2],
            l + 3 < k ? b[at + 3] : 0,
            lower[3]);
      }
    }
    return products;
  }

  /** Σ hᵢ². */
  double square(int i) {
    return squares[i];
  }
}
