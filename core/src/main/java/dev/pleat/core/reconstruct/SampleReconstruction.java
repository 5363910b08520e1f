package dev.pleat.core.reconstruct;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.Heap;
import dev.pleat.core.linalg.MatrixView;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The ridge regression of {@link Reconstruction} in the space of its T samples, for fewer of them
 * than values g to reconstruct from:
 *
 * <pre>B = B₀ + (H − B₀G)(GᵀG + λI)⁻¹Gᵀ</pre>
 *
 * which is the same B, since (GGᵀ + λI)⁻¹ behind Gᵀ is Gᵀ before (GᵀG + λI)⁻¹. Time O(T³ + n·k·T)
 * instead of O(k³ + n·k²), memory T² + n·k doubles instead of k² twice.
 */
public final class SampleReconstruction {
  /** From here on moments of k×k values take more than 2 GiB each. */
  private static final int LARGE = 16_384;

  /** Rows of B that are worked on together. */
  private static final int ROWS = 256;

  private final int n;
  private final int k;
  private final int count;
  private final float[] reduced;
  private final double[] prior;
  private final Blas blas;

  /** H − B₀G, n×T. */
  private final float[] lack;

  /** GᵀG, T×T. */
  private final double[] kernel;

  private SampleReconstruction(
      int k, float[] original, float[] reduced, double[] prior, Blas blas) {
    this.k = k;
    this.count = reduced.length / k;
    this.n = original.length / count;
    this.reduced = reduced;
    this.prior = prior;
    this.blas = blas;
    Heap.require(
        3L * count * count * Double.BYTES, "fitting %d channels to %d samples".formatted(k, count));
    this.lack = lack(original);
    double[] ones = new double[k];
    Arrays.fill(ones, 1);
    this.kernel = new SampleKernel(k, reduced, ones, blas).products(0, count, 0, count);
  }

  /** Whether a fit is better made here: of many channels on fewer samples. */
  public static boolean suits(int k, int samples) {
    return k > LARGE && samples < k;
  }

  /**
   * Solves for B with the ridge that does best on samples which it was not fitted to.
   *
   * @param k values to reconstruct from
   * @param original h, n×T, row-major
   * @param reduced g, T×k, row-major
   * @param fitted how many samples, the first ones, ridges are fitted to; the others judge them,
   *     and without any a usual ridge is taken
   * @param prior B₀, n×k, row-major
   * @return n×k, row-major, fitted to all samples
   */
  public static double[] solve(
      int k, float[] original, float[] reduced, int fitted, double[] prior, Blas blas) {
    SampleReconstruction problem = new SampleReconstruction(k, original, reduced, prior, blas);
    double ridge =
        fitted < problem.count
            ? Reconstruction.bestRidge(r -> problem.error(r, fitted))
            : Reconstruction.USUAL_RIDGE;
    return problem.solve(ridge);
  }

  private float[] lack(float[] original) {
    float[] plain = new float[prior.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (float) -prior[i];
    }
    float[] left = original.clone();
    MatrixView g = new MatrixView(reduced, 0, count, k, k);
    inTiles((from, rows) ->
        blas.addProduct(
            new MatrixView(plain, from * k, rows, k, k),
            g,
            new MatrixView(left, from * count, rows, count, count)));
    return left;
  }

  @FunctionalInterface
  private interface Tile {
    void work(int from, int rows);
  }

  private void inTiles(Tile tile) {
    IntStream.range(0, (n + ROWS - 1) / ROWS)
        .parallel()
        .forEach(t -> tile.work(t * ROWS, Math.min(ROWS, n - t * ROWS)));
  }

  /** (H − B₀G)(GᵀG + λI)⁻¹ over the first samples, n×some of T. */
  private double[] duals(double ridge, int samples) {
    double sum = 0;
    for (int t = 0; t < samples; t++) {
      sum += kernel[t * count + t];
    }
    double lambda = ridge * sum / k;
    if (!(lambda > 0)) {
      return new double[n * samples];
    }
    double[] matrix = new double[samples * samples];
    for (int t = 0; t < samples; t++) {
      System.arraycopy(kernel, t * count, matrix, t * samples, samples);
      matrix[t * samples + t] += lambda;
    }
    double[] duals = new double[n * samples];
    for (int r = 0; r < n; r++) {
      for (int t = 0; t < samples; t++) {
        duals[r * samples + t] = lack[r * count + t];
      }
    }
    Cholesky.of(samples, matrix).solve(duals);
    return duals;
  }

  /** Σ ‖h − Bg‖² over the samples that were not fitted to. */
  private double error(double ridge, int fitted) {
    double[] duals = duals(ridge, fitted);
    int held = count - fitted;
    double[] errors = new double[n];
    inTiles((from, rows) -> {
      double[] left = new double[held];
      for (int r = from; r < from + rows; r++) {
        for (int t = 0; t < held; t++) {
          left[t] = lack[r * count + fitted + t];
        }
        for (int f = 0; f < fitted; f++) {
          double dual = duals[r * fitted + f];
          int row = f * count + fitted;
          for (int t = 0; t < held; t++) {
            left[t] -= dual * kernel[row + t];
          }
        }
        for (double value : left) {
          errors[r] += value * value;
        }
      }
    });
    double sum = 0;
    for (double error : errors) {
      sum += error;
    }
    return sum;
  }

  private double[] solve(double ridge) {
    double[] duals = duals(ridge, count);
    float[] columns = transposed(reduced, count, k);
    double[] solution = prior.clone();
    inTiles((from, rows) -> {
      float[] left = new float[rows * count];
      for (int i = 0; i < left.length; i++) {
        left[i] = (float) duals[from * count + i];
      }
      float[] product = new float[rows * k];
      blas.addProduct(
          new MatrixView(left, 0, rows, count, count),
          new MatrixView(columns, 0, k, count, count),
          new MatrixView(product, 0, rows, k, k));
      for (int i = 0; i < product.length; i++) {
        solution[from * k + i] += product[i];
      }
    });
    return solution;
  }

  private static float[] transposed(float[] values, int rows, int columns) {
    float[] result = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = values[i * columns + j];
      }
    }
    return result;
  }
}
