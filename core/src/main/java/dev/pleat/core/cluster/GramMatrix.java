package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.linalg.Heap;

/**
 * The Gram matrix G = XXᵀ of n channels: inner products of all pairs of feature rows.
 *
 * <p>Kept as the Gram matrix of the centred rows x_i − m, m being nearly their mean, in single
 * precision, with squared norms in double. Distances do not depend on m, so an offset common to all
 * channels, however large, costs them no precision. The inner products themselves follow from
 * x_i·x_j = (x_i−m)·(x_j−m) + o_i + o_j with o_i = x_i·m − m·m/2.
 */
public final class GramMatrix {
  /** Above this trace, sums over clusters could leave the range of single precision. */
  private static final double MAX_TRACE = 1e30;

  private final int size;
  private final FloatSquare centred;
  private final double[] squares;
  private final double[] offsets;

  /** Takes ownership of the arrays; {@code centred} is symmetric but for its diagonal. */
  GramMatrix(FloatSquare centred, double[] squares, double[] offsets) {
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
      centred.set(i, i, (float) square);
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
   * @throws PleatException when there is not enough memory for that, or a value is not finite or
   *     far too large
   */
  public static GramMatrix of(Features features, Blas blas, int threads) {
    requireMemory(features.rows());
    return new GramAccumulator(features, blas).run(threads);
  }

  /**
   * A Gram matrix from its values.
   *
   * @param n number of channels, at least 1
   * @param values n×n, row-major, symmetric, not copied; the caller must not write to it any more
   * @throws PleatException when the values are not those of a symmetric n×n matrix with a diagonal
   *     that is not negative
   */
  public static GramMatrix of(int n, float[] values) {
    if (values.length != (long) n * n) {
      throw new PleatException(
          "Gram matrix of %d channels needs %d values, got %d"
              .formatted(n, (long) n * n, values.length));
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
    return new GramMatrix(FloatSquare.of(n, values), squares, new double[n]);
  }

  /** A value of a symmetric matrix. */
  @FunctionalInterface
  public interface Inner {
    /** The value in row i, column j ≤ i. */
    double get(int i, int j);
  }

  /**
   * A Gram matrix from its values, rounded to single precision.
   *
   * @param n number of channels, at least 1
   * @param values finite; below 0 on the diagonal they count as 0
   * @throws PleatException when there is not enough memory for n² floats
   */
  public static GramMatrix of(int n, Inner values) {
    requireMemory(n);
    FloatSquare square = FloatSquare.zeros(n, 1);
    double[] squares = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        square.set(i, j, (float) values.get(i, j));
      }
      squares[i] = Math.max(0, (float) values.get(i, i));
    }
    square.mirror();
    return new GramMatrix(square, squares, new double[n]);
  }

  private static void requireMemory(int n) {
    Heap.require((long) n * n * Float.BYTES, "comparing " + n + " channels with each other");
  }

  /** The number of channels n. */
  public int size() {
    return size;
  }

  /** The inner product x_i·x_j. */
  public double get(int i, int j) {
    double inner = i == j ? squares[i] : centred.get(i, j);
    return inner + (offsets[i] + offsets[j]);
  }

  /** The squared distance ‖x_i − x_j‖², at least 0; exactly 0 when i = j. */
  public double squaredDistance(int i, int j) {
    return i == j ? 0 : Math.max(0, squares[i] + squares[j] - 2.0 * centred.get(i, j));
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
    requireMemory(n);
    FloatSquare values = FloatSquare.zeros(n, 1);
    double[] parts = new double[n];
    double[] shifts = new double[n];
    for (int i = 0; i < n; i++) {
      float[] row = centred.band(indices[i]);
      int start = centred.start(indices[i]);
      float[] part = values.band(i);
      int to = values.start(i);
      parts[i] = squares[indices[i]];
      shifts[i] = offsets[indices[i]];
      for (int j = 0; j < n; j++) {
        part[to + j] = row[start + indices[j]];
      }
    }
    return new GramMatrix(values, parts, shifts);
  }

  /** n×n inner products of the centred rows. Whoever writes above its diagonal mirrors it. */
  FloatSquare centred() {
    return centred;
  }

  /** Squared norms of the centred rows. Not to be written to. */
  double[] squares() {
    return squares;
  }
}
