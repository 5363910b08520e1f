package dev.pleat.onnx.invert;

import dev.pleat.core.cluster.SplitMix64;
import java.util.Arrays;

/**
 * Noise with the 1/f amplitude spectrum of natural images (Field, "Relations between the statistics
 * of natural images and the response properties of cortical cells", 1987): each octave of spatial
 * frequency holds the same energy, so it is a sum of octaves, each white noise on a grid of half
 * the last one's width, enlarged linearly. Vectors without neighbours get white noise.
 */
final class PinkNoise {
  private PinkNoise() {}

  /** One image of mean 0 and variance near 1 in each channel. */
  static void fill(Pixels pixels, float[] values, int image, SplitMix64 random) {
    int[] axes = pixels.spatialAxes();
    int[] sizes = Arrays.stream(axes).map(axis -> (int) pixels.shape()[axis]).toArray();
    int[] strides = Arrays.stream(axes).map(pixels::stride).toArray();
    int area = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    int channelStride = pixels.stride(pixels.channelAxis());
    int start = image * pixels.imageSize();
    for (int c = 0; c < pixels.channels(); c++) {
      float[] plane = plane(sizes, area, random);
      for (int p = 0; p < area; p++) {
        int at = start + c * channelStride;
        int rest = p;
        for (int a = axes.length - 1; a >= 0; a--) {
          at += rest % sizes[a] * strides[a];
          rest /= sizes[a];
        }
        values[at] = plane[p];
      }
    }
  }

  private static float[] plane(int[] sizes, int area, SplitMix64 random) {
    double[] sum = new double[area];
    int longest = Arrays.stream(sizes).max().orElse(1);
    int octaves = 0;
    for (int cell = 1; cell < Math.max(2, longest); cell *= 2, octaves++) {
      add(sum, sizes, cell, random);
    }
    float[] plane = new float[area];
    double scale = 1 / Math.sqrt(octaves);
    for (int p = 0; p < area; p++) {
      plane[p] = (float) (sum[p] * scale);
    }
    return plane;
  }

  /** Adds white noise whose cells are so many pixels wide, with variance 1 at their corners. */
  private static void add(double[] sum, int[] sizes, int cell, SplitMix64 random) {
    int[] grid = Arrays.stream(sizes).map(size -> (size - 1) / cell + 2).toArray();
    double[] noise = new double[Arrays.stream(grid).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = random.nextGaussian();
    }
    int corners = 1 << sizes.length;
    int[] at = new int[sizes.length];
    for (int p = 0; p < sum.length; p++) {
      int rest = p;
      for (int a = sizes.length - 1; a >= 0; a--) {
        at[a] = rest % sizes[a];
        rest /= sizes[a];
      }
      double value = 0;
      double squares = 0;
      for (int corner = 0; corner < corners; corner++) {
        double weight = 1;
        int index = 0;
        for (int a = 0; a < at.length; a++) {
          double share = (double) (at[a] % cell) / cell;
          boolean upper = (corner >> a & 1) == 1;
          weight *= upper ? share : 1 - share;
          index = index * grid[a] + at[a] / cell + (upper ? 1 : 0);
        }
        value += weight * noise[index];
        squares += weight * weight;
      }
      // Between corners a mean would vary less than at them.
      sum[p] += value / Math.sqrt(squares);
    }
  }
}
