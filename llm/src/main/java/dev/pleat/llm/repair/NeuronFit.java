package dev.pleat.llm.repair;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.MatrixView;
import dev.pleat.llm.run.HiddenStates;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Fits the projections into the neurons of a folded block. The outputs y = V h of a block change
 * with them as the neurons do: with s the slopes of the neurons by what each is made of, and x what
 * the block reads,
 *
 * <pre>h(D) ≈ h + s ∘ D x, D = argmin Σ ‖w (r − V (s ∘ D x))‖² + Σ λ_ji D_ji²</pre>
 *
 * takes off what is left of r, what the outputs lack: a step of Gauss and Newton, exact for up
 * projections alone. In a gated block D has two rows for each neuron, those of its gate before
 * those of its up projection, and s and V hold the neurons twice. The unknowns are found by
 * conjugate gradients with the diagonal of the normal equations as preconditioner and a hundredth
 * of it as ridge; the last eighth of the positions says when to stop. A step takes four products of
 * the size of the projections at all positions.
 */
final class NeuronFit {
  private static final int BLOCK = 512;

  /** Rows of the projection that threads share out. */
  private static final int TILE = 64;

  private static final int PARTS = 8;
  private static final int STEPS = 10;
  private static final float RIDGE = 0.01F;

  private final Blas blas = BlasProvider.shared();
  private final int hidden;
  private final int neurons;
  private final int outputs;
  private final float[] down;
  private final float[] downColumns;
  private final Block[] blocks;

  /** Blocks of positions that are fitted to; the others say when to stop. */
  private final int fitted;

  /**
   * Some positions.
   *
   * @param read x, count×h
   * @param readColumns the same, h×count
   * @param slopes w·s, count×k
   * @param slopeColumns the same, k×count
   * @param lack w·(r − V (s ∘ D x)) for the D of now, count×m
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Block(
      int count,
      float[] read,
      float[] readColumns,
      float[] slopes,
      float[] slopeColumns,
      float[] lack) {}

  /**
   * A fit to make.
   *
   * @param down V, m×k
   * @param read x, positions×h
   * @param slopes s, positions×k, or positions×2k
   * @param lack w·r, positions×m
   * @param scales w, positions
   */
  NeuronFit(
      DownProjection down,
      HiddenStates read,
      HiddenStates slopes,
      HiddenStates lack,
      float[] scales) {
    this.hidden = read.width();
    this.neurons = slopes.width();
    this.outputs = down.outputs();
    this.downColumns = repeated(down.columns(), neurons / down.neurons());
    this.down = DownProjection.transposed(downColumns, neurons, outputs);
    int held = read.rows() / PARTS;
    int first = Math.ceilDiv(read.rows() - held, BLOCK);
    this.fitted = first;
    this.blocks = new Block[first + Math.ceilDiv(held, BLOCK)];
    IntStream.range(0, blocks.length)
        .parallel()
        .forEach(b -> {
          int end = b < first ? read.rows() - held : read.rows();
          int from = b < first ? b * BLOCK : read.rows() - held + (b - first) * BLOCK;
          int count = Math.min(BLOCK, end - from);
          float[] x = read.rows(from, count).values();
          float[] s =
              slopes
                  .rows(from, count)
                  .scaled(Arrays.copyOfRange(scales, from, from + count))
                  .values();
          blocks[b] =
              new Block(
                  count,
                  x,
                  DownProjection.transposed(x, count, hidden),
                  s,
                  DownProjection.transposed(s, count, neurons),
                  lack.rows(from, count).values());
        });
  }

  private static float[] repeated(float[] values, int times) {
    float[] repeated = new float[values.length * times];
    for (int t = 0; t < times; t++) {
      System.arraycopy(values, 0, repeated, t * values.length, values.length);
    }
    return repeated;
  }

  /**
   * D, k×h or 2k×h, row-major; empty where it would be worse than nothing at positions not fitted
   * to.
   */
  Optional<float[]> fit() {
    float[] diagonal = diagonal();
    float[] change = new float[diagonal.length];
    float[] gradient = gradient(change, diagonal);
    float[] towards = preconditioned(gradient, diagonal);
    double slope = product(gradient, towards);
    Optional<float[]> best = Optional.empty();
    double least = held();
    for (int step = 0; step < STEPS && slope > 0; step++) {
      float[][] outputs = outputs(towards);
      double curvature = ridge(towards, diagonal);
      for (int b = 0; b < fitted; b++) {
        curvature += product(outputs[b], outputs[b]);
      }
      float length = (float) (slope / curvature);
      change = sum(change, length, towards);
      for (int b = 0; b < blocks.length; b++) {
        float[] lack = blocks[b].lack();
        float[] less = sum(lack, -length, outputs[b]);
        System.arraycopy(less, 0, lack, 0, lack.length);
      }
      double error = held();
      if (!(error < least)) {
        break;
      }
      least = error;
      best = Optional.of(change);
      gradient = gradient(change, diagonal);
      float[] next = preconditioned(gradient, diagonal);
      double following = product(gradient, next);
      towards = sum(next, (float) (following / slope), towards);
      slope = following;
    }
    return best;
  }

  /** ‖v_j‖² Σ (w s_j)² x_i², k×h: the diagonal of the normal equations, above 0. */
  private float[] diagonal() {
    float[] diagonal =
        products(block -> squared(block.slopeColumns()), block -> squared(block.readColumns()));
    double mean = 0;
    for (int j = 0; j < neurons; j++) {
      float norm = 0;
      for (int m = j * outputs; m < (j + 1) * outputs; m++) {
        norm += downColumns[m] * downColumns[m];
      }
      for (int i = j * hidden; i < (j + 1) * hidden; i++) {
        diagonal[i] *= norm;
        mean += diagonal[i] / diagonal.length;
      }
    }
    float floor = (float) Math.max(mean, Float.MIN_NORMAL);
    for (int i = 0; i < diagonal.length; i++) {
      diagonal[i] += floor;
    }
    return diagonal;
  }

  private static float[] squared(float[] values) {
    float[] squared = new float[values.length];
    for (int i = 0; i < squared.length; i++) {
      squared[i] = values[i] * values[i];
    }
    return squared;
  }

  private static float[] preconditioned(float[] gradient, float[] diagonal) {
    float[] result = new float[gradient.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = gradient[i] / diagonal[i];
    }
    return result;
  }

  private static double ridge(float[] change, float[] diagonal) {
    double sum = 0;
    for (int i = 0; i < change.length; i++) {
      sum += (double) RIDGE * diagonal[i] * change[i] * change[i];
    }
    return sum;
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static float[] sum(float[] a, float factor, float[] b) {
    float[] sum = new float[a.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a[i] + factor * b[i];
    }
    return sum;
  }

  private double held() {
    double error = 0;
    for (int b = fitted; b < blocks.length; b++) {
      error += product(blocks[b].lack(), blocks[b].lack());
    }
    return error;
  }

  /** w·V (s ∘ D x) for some D, by blocks. */
  private float[][] outputs(float[] change) {
    float[][] all = new float[blocks.length][];
    IntStream.range(0, blocks.length)
        .parallel()
        .forEach(b -> {
          Block block = blocks[b];
          float[] up = new float[block.count() * neurons];
          blas.addProduct(
              matrix(block.read(), block.count(), hidden),
              matrix(change, neurons, hidden),
              matrix(up, block.count(), neurons));
          multiply(up, block.slopes());
          all[b] = new float[block.count() * outputs];
          blas.addProduct(
              matrix(up, block.count(), neurons),
              matrix(down, outputs, neurons),
              matrix(all[b], block.count(), outputs));
        });
    return all;
  }

  /** Σ (w s ∘ Vᵀ lack) xᵀ − λD over the positions that are fitted to, k×h. */
  private float[] gradient(float[] change, float[] diagonal) {
    float[] gradient =
        products(
            block -> {
              float[] back = new float[neurons * block.count()];
              blas.addProduct(
                  matrix(downColumns, neurons, outputs),
                  matrix(block.lack(), block.count(), outputs),
                  matrix(back, neurons, block.count()));
              multiply(back, block.slopeColumns());
              return back;
            },
            Block::readColumns);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] -= RIDGE * diagonal[i] * change[i];
    }
    return gradient;
  }

  @FunctionalInterface
  private interface Columns {
    float[] of(Block block);
  }

  /** Σ abᵀ over the positions that are fitted to, a k×count, b h×count: k×h. */
  private float[] products(Columns left, Columns right) {
    float[][] lefts = new float[fitted][];
    float[][] rights = new float[fitted][];
    IntStream.range(0, fitted)
        .parallel()
        .forEach(b -> {
          lefts[b] = left.of(blocks[b]);
          rights[b] = right.of(blocks[b]);
        });
    float[] sum = new float[Math.multiplyExact(neurons, hidden)];
    IntStream.range(0, Math.ceilDiv(neurons, TILE))
        .parallel()
        .forEach(t -> {
          int from = t * TILE;
          int rows = Math.min(TILE, neurons - from);
          for (int b = 0; b < fitted; b++) {
            int count = blocks[b].count();
            blas.addProduct(
                new MatrixView(lefts[b], from * count, rows, count, count),
                matrix(rights[b], hidden, count),
                new MatrixView(sum, from * hidden, rows, hidden, hidden));
          }
        });
    return sum;
  }

  private static void multiply(float[] values, float[] factors) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factors[i];
    }
  }

  private static MatrixView matrix(float[] values, int rows, int columns) {
    return new MatrixView(values, 0, rows, columns, columns);
  }
}
