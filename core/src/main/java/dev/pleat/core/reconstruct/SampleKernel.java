package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.MatrixView;
import java.util.stream.IntStream;

/**
 * Inner products of samples, over channels that are scaled before. Blocks of channels are summed in
 * single precision, their sums in double, in one order whatever the number of threads.
 */
final class SampleKernel {
  /** Channels of a block. */
  private static final int DEPTH = 512;

  /** Rows of a tile of the products that threads share out. */
  private static final int TILE = 256;

  private final int n;
  private final float[] samples;
  private final double[] scales;
  private final Blas blas;

  /**
   * A kernel of samples.
   *
   * @param n channels
   * @param samples T×n, row-major
   * @param scales of the channels, n of them
   */
  SampleKernel(int n, float[] samples, double[] scales, Blas blas) {
    this.n = n;
    this.samples = samples;
    this.scales = scales;
    this.blas = blas;
  }

  /** The products of some samples with some samples, row-major. */
  double[] products(int fromRow, int toRow, int fromColumn, int toColumn) {
    int height = toRow - fromRow;
    int width = toColumn - fromColumn;
    double[] products = new double[Math.multiplyExact(height, width)];
    for (int from = 0; from < n; from += DEPTH) {
      int depth = Math.min(DEPTH, n - from);
      float[] left = block(fromRow, height, from, depth);
      float[] right =
          fromRow == fromColumn && height == width ? left : block(fromColumn, width, from, depth);
      IntStream.range(0, (height + TILE - 1) / TILE)
          .parallel()
          .forEach(t -> addTile(products, left, right, t * TILE, height, width, depth));
    }
    return products;
  }

  private float[] block(int first, int count, int from, int depth) {
    float[] block = new float[count * depth];
    for (int t = 0; t < count; t++) {
      for (int i = 0; i < depth; i++) {
        block[t * depth + i] = (float) (samples[(first + t) * n + from + i] * scales[from + i]);
      }
    }
    return block;
  }

  private void addTile(
      double[] products, float[] left, float[] right, int first, int height, int width, int depth) {
    int rows = Math.min(TILE, height - first);
    float[] tile = new float[rows * width];
    blas.addProduct(
        new MatrixView(left, first * depth, rows, depth, depth),
        new MatrixView(right, 0, width, depth, depth),
        new MatrixView(tile, 0, rows, width, width));
    for (int at = 0; at < tile.length; at++) {
      products[first * width + at] += tile[at];
    }
  }
}
