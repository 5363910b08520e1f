package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.MatrixView;

/**
 * First and second moments of the channels that a layer reads: h (n of them) in the original, g (k
 * of them) in the folded network, on the same samples. Blocks are summed in single precision, their
 * sums in double, in the order in which they are added. Memory: k² + k·n doubles, whatever the
 * number of samples.
 */
public final class ChannelMoments {
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
   * @param n channels in the original
   * @param k channels in the folded network
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
   * @param original h, n×count, channel by channel
   * @param reduced g, k×count, channel by channel
   * @param count samples in the block, at least 1
   */
  public void add(float[] original, float[] reduced, int count, Blas blas) {
    MatrixView h = new MatrixView(original, 0, n, count, count);
    MatrixView g = new MatrixView(reduced, 0, k, count, count);
    float[] gram = new float[k * k];
    blas.addGram(g, new MatrixView(gram, 0, k, k, k));
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        folded[i * k + j] += gram[i * k + j];
      }
    }
    float[] product = new float[n * k];
    blas.addProduct(h, g, new MatrixView(product, 0, n, k, k));
    for (int i = 0; i < product.length; i++) {
      cross[i] += product[i];
    }
    for (int i = 0; i < n; i++) {
      double sum = 0;
      double square = 0;
      for (int s = i * count; s < (i + 1) * count; s++) {
        sum += original[s];
        square += (double) original[s] * original[s];
      }
      originalSums[i] += sum;
      squares[i] += square;
    }
    for (int i = 0; i < k; i++) {
      double sum = 0;
      for (int s = i * count; s < (i + 1) * count; s++) {
        sum += reduced[s];
      }
      foldedSums[i] += sum;
    }
    samples += count;
  }

  /** Adds the samples of other moments of the same channels. */
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

  /** The same with the means taken away: what is left to fit once a bias takes care of them. */
  public ChannelMoments centred() {
    ChannelMoments centred = new ChannelMoments(n, k);
    centred.add(this);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j <= i; j++) {
        centred.folded[i * k + j] -= foldedSums[i] * foldedSums[j] / samples;
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        centred.cross[i * k + j] -= originalSums[i] * foldedSums[j] / samples;
      }
      centred.squares[i] -= originalSums[i] * originalSums[i] / samples;
    }
    return centred;
  }

  /** Channels in the original. */
  public int originalChannels() {
    return n;
  }

  /** Channels in the folded network. */
  public int foldedChannels() {
    return k;
  }

  /** How many samples were added. */
  public long samples() {
    return samples;
  }

  /** Σ gᵢgⱼ. */
  double folded(int i, int j) {
    return i >= j ? folded[i * k + j] : folded[j * k + i];
  }

  /** Σ hᵢgⱼ. */
  double cross(int i, int j) {
    return cross[i * k + j];
  }

  /** Σ hᵢ². */
  double square(int i) {
    return squares[i];
  }
}
