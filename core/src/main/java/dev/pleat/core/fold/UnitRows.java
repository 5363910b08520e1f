package dev.pleat.core.fold;

import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows of a feature matrix scaled to length 1; a row of zeros stays zero.
 *
 * @param values n×columns, row-major, as they were
 * @param scale 1/‖row‖, or 0
 * @param columns length of a row
 */
record UnitRows(float[] values, double[] scale, int columns) {

  /** The rows of the channels in these slots. */
  static UnitRows of(int rows, List<Slot> slots, TensorStore store) {
    SlotFeatures features = new SlotFeatures(rows, slots, store);
    int columns = Math.toIntExact(features.columns());
    float[] values = new float[Math.multiplyExact(rows, columns)];
    features.copy(0, columns, values);
    double[] scale = new double[rows];
    IntStream.range(0, rows)
        .parallel()
        .forEach(i -> {
          double norm = 0;
          for (int j = i * columns; j < (i + 1) * columns; j++) {
            norm += (double) values[j] * values[j];
          }
          scale[i] = norm > 0 ? 1 / Math.sqrt(norm) : 0;
        });
    return new UnitRows(values, scale, columns);
  }

  /** Rows of a single 1: the neutral right factor. */
  static UnitRows ones(int rows) {
    float[] values = new float[rows];
    double[] scale = new double[rows];
    Arrays.fill(values, 1);
    Arrays.fill(scale, 1);
    return new UnitRows(values, scale, 1);
  }

  /** ‖Σ aᵢ lᵢ rᵢᵀ‖²_F over the members, in the order of the amplitudes; l and r of length 1. */
  static double squaredNorm(int[] members, double[] a, UnitRows left, UnitRows right) {
    double[] sum = new double[Math.multiplyExact(left.columns, right.columns)];
    for (int m = 0; m < members.length; m++) {
      int i = members[m];
      double amplitude = a[m] * left.scale[i] * right.scale[i];
      for (int x = 0; x < left.columns; x++) {
        double factor = amplitude * left.values[i * left.columns + x];
        int row = x * right.columns;
        int other = i * right.columns;
        for (int y = 0; y < right.columns; y++) {
          sum[row + y] += factor * right.values[other + y];
        }
      }
    }
    double norm = 0;
    for (double value : sum) {
      norm += value * value;
    }
    return norm;
  }
}
