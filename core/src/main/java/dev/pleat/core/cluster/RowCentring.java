package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * Subtracts a common row m from all rows of each block of columns, and sums what is lost to single
 * precision otherwise: the squared norms of the centred rows and x_i·m − m·m/2.
 */
final class RowCentring {
  /** m is the mean of at most this many rows: any m is right, one near the mean is good. */
  private static final int SAMPLE = 32;

  /** Sums run in this many independent lanes: long loops that the compiler makes vector code of. */
  private static final int LANES = 112;

  private final int rows;
  private final double[] squares;
  private final double[] offsets;
  private final float[] common;
  private final float[] row;
  private final double[] squareLanes = new double[LANES];
  private final double[] productLanes = new double[LANES];

  RowCentring(int rows, int maxWidth) {
    this.rows = rows;
    this.squares = new double[rows];
    this.offsets = new double[rows];
    this.common = new float[maxWidth];
    this.row = new float[maxWidth];
  }

  /** Centres a row-major rows×width block in place. */
  void apply(float[] block, int width) {
    findCommonRow(block, width);
    double half = 0;
    for (int j = 0; j < width; j++) {
      half += (double) common[j] * common[j] / 2;
    }
    for (int i = 0; i < rows; i++) {
      centre(block, i * width, width);
      squares[i] += sum(squareLanes);
      offsets[i] += sum(productLanes) - half;
    }
  }

  private void findCommonRow(float[] block, int width) {
    int samples = Math.min(rows, SAMPLE);
    Arrays.fill(common, 0, width, 0f);
    for (int s = 0; s < samples; s++) {
      int row = (int) ((long) s * rows / samples) * width;
      for (int j = 0; j < width; j++) {
        common[j] += block[row + j] / samples;
      }
    }
    for (int j = 0; j < width; j++) {
      // A value that is not finite must spoil its own row only, so that the error can name it.
      common[j] = Float.isFinite(common[j]) ? common[j] : 0f;
    }
  }

  /** In three simple loops, because the compiler makes vector code of such only. */
  private void centre(float[] block, int from, int width) {
    System.arraycopy(block, from, row, 0, width);
    Arrays.fill(productLanes, 0);
    addProducts(row, common, width, productLanes);
    for (int j = 0; j < width; j++) {
      row[j] -= common[j];
    }
    Arrays.fill(squareLanes, 0);
    addProducts(row, row, width, squareLanes);
    System.arraycopy(row, 0, block, from, width);
  }

  private static void addProducts(float[] a, float[] b, int width, double[] lanes) {
    int whole = width - width % LANES;
    for (int from = 0; from < whole; from += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        lanes[lane] += (double) a[from + lane] * b[from + lane];
      }
    }
    for (int j = whole; j < width; j++) {
      lanes[j - whole] += (double) a[j] * b[j];
    }
  }

  /** Adds in four chains, because one waits for the result of each addition. */
  private static double sum(double[] lanes) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int lane = 0; lane < LANES; lane += 4) {
      s0 += lanes[lane];
      s1 += lanes[lane + 1];
      s2 += lanes[lane + 2];
      s3 += lanes[lane + 3];
    }
    return (s0 + s1) + (s2 + s3);
  }

  double[] squares() {
    return squares;
  }

  double[] offsets() {
    return offsets;
  }
}
