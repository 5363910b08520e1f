package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.Features;

/**
 * The Gram matrix G = XXᵀ of n channels: inner products of all pairs of feature rows.
 *
 * <p>Kept as the Gram matrix of the centred rows x_i − m, m being nearly their mean, in single
 * precision, with squared norms in double. Distances do not depend on m, so an offset common to all
 * channels, however large, costs them no precision. The inner products themselves follow from
 * x_i·x_j = (x_i−m)·(x_j−m) + o_i + o_j with o_i = x_i·m − m·m/2.
 */
public final class GramMatrix {
  /** The largest number of channels: n² values must fit one array. */
  public static final int MAX_SIZE = 46_000;

  /** Above this trace, sums over clusters could leave the range of single precision. */
  private static final double MAX_TRACE = 1e30;

  private final int size;
  private final float[] centred;
  private final double[] squares;
  private final double[] offsets;

  /** Takes ownership of the arrays; {@code centred} is symmetric but for its diagonal. */
  GramMatrix(float[] centred, double[] squares, double[] offsets) {
    this.size = squares.length;
    this.centred = centred;
    this.squares = squares;
    this.offsets = offsets;
    double trace = 0;
    for (int i = 0; i < size; i++) {
      double square = squares[i];
      if (!(square >= 0 && square < Double.POSITIVE_INFINITY)) {
        throw new PleatException(
            "channel " + i + " has a squared norm of " + square + "; its weights must be finite");
      }
      trace += square;
      centred[i * size + i] = (float) square;
    }
    if (trace > MAX_TRACE) {
      throw new PleatException(
          "squared norms of %d channels sum to %.3g, at most %.0e can be clustered; scale the weights"
              .formatted(size, trace, MAX_TRACE));
    }
  }

  /**
   * The Gram matrix of streamed features, by symmetric rank-d updates. The result has the same bits
   * for any number of threads. Memory: n² floats and two blocks of columns.
   *
   * @throws PleatException when there are more than {@link #MAX_SIZE} rows, or a value is not
   *     finite or far too large
   */
  public static GramMatrix of(Features features, Blas blas, int threads) {
    checkSize(features.rows());
    return new GramAccumulator(features, blas).run(threads);
  }

  /**
   * A Gram matrix from its values.
   *
   * @param n number of channels, in [1, {@link #MAX_SIZE}]
   * @param values n×n, row-major, symmetric, not copied; the caller must not write to it any more
   * @throws PleatException when the values are not those of a symmetric n×n matrix with a diagonal
   *     that is not negative
   */
  public static GramMatrix of(int n, float[] values) {
    checkSize(n);
    if (values.length != n * n) {
      throw new PleatException(
          "Gram matrix of %d channels needs %d values, got %d".formatted(n, n * n, values.length));
    }
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      squares[i] = values[i * n + i];
      for (int j = 0; j < i; j++) {
        float value = values[i * n + j];
        if (!Float.isFinite(value) || value != values[j * n + i]) {
          throw new PleatException(
              "Gram matrix is %s at (%d, %d) and %s at (%d, %d); it must be finite and symmetric"
                  .formatted(value, i, j, values[j * n + i], j, i));
        }
      }
    }
    return new GramMatrix(values, squares, new double[n]);
  }

  private static void checkSize(int n) {
    if (n < 1 || n > MAX_SIZE) {
      throw new PleatException(
          "a group of " + n + " channels cannot be clustered; 1 to " + MAX_SIZE + " can");
    }
  }

  /** The number of channels n. */
  public int size() {
    return size;
  }

  /** The inner product x_i·x_j. */
  public double get(int i, int j) {
    double inner = i == j ? squares[i] : centred[i * size + j];
    return inner + (offsets[i] + offsets[j]);
  }

  /** The squared distance ‖x_i − x_j‖², at least 0; exactly 0 when i = j. */
  public double squaredDistance(int i, int j) {
    return i == j ? 0 : Math.max(0, squares[i] + squares[j] - 2.0 * centred[i * size + j]);
  }

  /** The sum of all squared norms ‖x_i‖². */
  public double trace() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += get(i, i);
    }
    return sum;
  }

  /**
   * The Gram matrix of some of the channels, in the given order.
   *
   * @param indices channels in [0, n), at least one
   */
  public GramMatrix submatrix(int[] indices) {
    int n = indices.length;
    checkSize(n);
    float[] values = new float[n * n];
    double[] parts = new double[n];
    double[] shifts = new double[n];
    for (int i = 0; i < n; i++) {
      int row = indices[i] * size;
      parts[i] = squares[indices[i]];
      shifts[i] = offsets[indices[i]];
      for (int j = 0; j < n; j++) {
        values[i * n + j] = centred[row + indices[j]];
      }
    }
    return new GramMatrix(values, parts, shifts);
  }

  /** n×n inner products of the centred rows, row-major. Not to be written to. */
  float[] centred() {
    return centred;
  }

  /** Squared norms of the centred rows. Not to be written to. */
  double[] squares() {
    return squares;
  }
}
