package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import java.util.Random;

/**
 * Random samples of g, and of h as a linear function of g with noise.
 *
 * @param n values of h
 * @param k values of g
 * @param count samples
 * @param h n×count, row-major
 * @param g k×count, row-major
 * @param map n×k, row-major: h = map g + noise
 */
record Samples(int n, int k, int count, float[] h, float[] g, double[] map) {
  private static final Blas BLAS = BlasProvider.named("java");

  static Samples of(int n, int k, int count, double noise, long seed) {
    Random random = new Random(seed);
    double[] map = random.doubles((long) n * k, -1, 1).toArray();
    float[] g = new float[k * count];
    for (int i = 0; i < g.length; i++) {
      g[i] = (float) random.nextGaussian();
    }
    float[] h = new float[n * count];
    for (int i = 0; i < n; i++) {
      for (int s = 0; s < count; s++) {
        double sum = noise * random.nextGaussian();
        for (int j = 0; j < k; j++) {
          sum += map[i * k + j] * g[j * count + s];
        }
        h[i * count + s] = (float) sum;
      }
    }
    return new Samples(n, k, count, h, g, map);
  }

  /** The same with something added to each value of h and of g. */
  Samples offset(double ofH, double ofG) {
    return new Samples(n, k, count, plus(h, ofH), plus(g, ofG), map);
  }

  private static float[] plus(float[] values, double offset) {
    float[] sums = values.clone();
    for (int i = 0; i < sums.length; i++) {
      sums[i] += (float) offset;
    }
    return sums;
  }

  /** Their moments, added in blocks of at most this many samples. */
  ChannelMoments moments(int block) {
    ChannelMoments moments = new ChannelMoments(n, k);
    for (int from = 0; from < count; from += block) {
      int size = Math.min(block, count - from);
      moments.add(columns(h, n, from, size), columns(g, k, from, size), size, BLAS);
    }
    return moments;
  }

  /** Some of them. */
  Samples part(int from, int to) {
    return new Samples(
        n, k, to - from, columns(h, n, from, to - from), columns(g, k, from, to - from), map);
  }

  private float[] columns(float[] values, int rows, int from, int size) {
    float[] block = new float[rows * size];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(values, r * count + from, block, r * size, size);
    }
    return block;
  }

  /** Σ‖h − Bg‖² + λ‖B − B₀‖², by its definition, λ being in units of the mean of Σg². */
  double objective(double[] b, double[] prior, double ridge) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int s = 0; s < count; s++) {
        double left = h[i * count + s];
        for (int j = 0; j < k; j++) {
          left -= b[i * k + j] * g[j * count + s];
        }
        sum += left * left;
      }
    }
    double squares = 0;
    for (float value : g) {
      squares += (double) value * value;
    }
    double distance = 0;
    for (int i = 0; i < b.length; i++) {
      distance += (b[i] - prior[i]) * (b[i] - prior[i]);
    }
    return sum + ridge * squares / k * distance;
  }
}
