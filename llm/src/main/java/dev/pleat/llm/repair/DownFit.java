package dev.pleat.llm.repair;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.MatrixView;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.core.reconstruct.SampleReconstruction;
import dev.pleat.llm.run.HiddenStates;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Fits the down projection of a folded block: the ridge regression of {@link Reconstruction} from
 * the activations of the folded block to the outputs of the original one, to which what the stream
 * is missing is added. The last eighth of the positions chooses the ridge.
 */
final class DownFit {
  private static final int BLOCK = 512;

  /** Rows of the down projection that threads share out. */
  private static final int TILE = 256;

  private static final int PARTS = 8;

  private final DownProjection down;
  private final HiddenStates original;
  private final HiddenStates folded;
  private final Optional<HiddenStates> missing;
  private final float[] scales;
  private final Blas blas = BlasProvider.shared();

  /**
   * A fit to make. All activations are those behind folded layers.
   *
   * @param down of the original, m×n
   * @param original what it reads, positions×n
   * @param folded what the folded one reads at the same positions, positions×k
   * @param missing what the folded block is to give beyond what the original gives, positions×m
   * @param scales what an error at each position is multiplied with, positions
   */
  DownFit(
      DownProjection down,
      HiddenStates original,
      HiddenStates folded,
      Optional<HiddenStates> missing,
      float[] scales) {
    this.down = down;
    this.original = original;
    this.folded = folded;
    this.missing = missing;
    this.scales = scales;
  }

  /**
   * The down projection for the folded block.
   *
   * @param prior what the ridge draws to, m×k, row-major
   */
  DownProjection fit(double[] prior) {
    if (SampleReconstruction.suits(folded.width(), folded.rows())) {
      return fitToSamples(prior);
    }
    int held = original.rows() - original.rows() / PARTS;
    double[] weights = new double[down.outputs()];
    Arrays.fill(weights, 1);
    return DownProjection.of(
        down.outputs(),
        Reconstruction.solve(moments(0, held), moments(held, original.rows()), prior, weights));
  }

  private DownProjection fitToSamples(double[] prior) {
    int rows = original.rows();
    int m = down.outputs();
    float[] all = new float[Math.multiplyExact(m, rows)];
    for (int at = 0; at < rows; at += BLOCK) {
      int count = Math.min(BLOCK, rows - at);
      float[] block = scaled(wanted(at, count), at, count);
      for (int i = 0; i < m; i++) {
        System.arraycopy(block, i * count, all, i * rows + at, count);
      }
    }
    return DownProjection.of(
        m,
        SampleReconstruction.solve(
            folded.width(), all, folded.scaled(scales).values(), rows - rows / PARTS, prior, blas));
  }

  private ChannelMoments moments(int from, int to) {
    ChannelMoments moments = new ChannelMoments(down.outputs(), folded.width());
    for (int at = from; at < to; at += BLOCK) {
      int count = Math.min(BLOCK, to - at);
      float[] block =
          Arrays.copyOfRange(folded.values(), at * folded.width(), (at + count) * folded.width());
      moments.add(
          scaled(wanted(at, count), at, count),
          scaled(DownProjection.transposed(block, count, folded.width()), at, count),
          count,
          blas);
    }
    return moments;
  }

  /** Scales the columns of a matrix in place, which stand for the positions from some one on. */
  private float[] scaled(float[] values, int from, int count) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= scales[from + i % count];
    }
    return values;
  }

  /** What the folded block is to give at some positions, m×count. */
  private float[] wanted(int from, int count) {
    float[] wanted = outputs(down, original, from, count);
    missing.ifPresent(more -> {
      int m = down.outputs();
      for (int i = 0; i < m; i++) {
        for (int s = 0; s < count; s++) {
          wanted[i * count + s] += more.values()[(from + s) * m + i];
        }
      }
    });
    return wanted;
  }

  /**
   * What a down projection for the folded block lacks, each position times its scale, positions×m.
   *
   * @param candidate m×k
   */
  HiddenStates lack(DownProjection candidate) {
    int m = down.outputs();
    float[] lack = new float[original.rows() * m];
    for (int at = 0; at < original.rows(); at += BLOCK) {
      int count = Math.min(BLOCK, original.rows() - at);
      float[] wanted = wanted(at, count);
      float[] found = outputs(candidate, folded, at, count);
      for (int i = 0; i < m; i++) {
        for (int s = 0; s < count; s++) {
          lack[(at + s) * m + i] = scales[at + s] * (wanted[i * count + s] - found[i * count + s]);
        }
      }
    }
    return new HiddenStates(original.rows(), m, lack);
  }

  /** The same fit with other activations of the folded block, positions×k. */
  DownFit with(HiddenStates neurons) {
    return new DownFit(down, original, neurons, missing, scales);
  }

  /** The same fit at some of the positions. */
  DownFit rows(int[] chosen) {
    float[] some = new float[chosen.length];
    for (int r = 0; r < some.length; r++) {
      some[r] = scales[chosen[r]];
    }
    return new DownFit(
        down,
        original.rows(chosen),
        folded.rows(chosen),
        missing.map(states -> states.rows(chosen)),
        some);
  }

  /** What an error at each position is multiplied with. */
  float[] scales() {
    return scales;
  }

  /**
   * How near the outputs of a down projection for the folded block come to the original's.
   *
   * @param candidate m×k
   */
  OutputError error(DownProjection candidate) {
    OutputError error = new OutputError(down.outputs());
    for (int at = 0; at < original.rows(); at += BLOCK) {
      int count = Math.min(BLOCK, original.rows() - at);
      error.add(outputs(down, original, at, count), outputs(candidate, folded, at, count), count);
    }
    return error;
  }

  /**
   * What the folded block adds to the stream beyond what the original adds, positions×m.
   *
   * @param candidate m×k
   */
  HiddenStates change(DownProjection candidate) {
    int m = down.outputs();
    float[] change = new float[original.rows() * m];
    for (int at = 0; at < original.rows(); at += BLOCK) {
      int count = Math.min(BLOCK, original.rows() - at);
      float[] before = outputs(down, original, at, count);
      float[] after = outputs(candidate, folded, at, count);
      for (int i = 0; i < m; i++) {
        for (int s = 0; s < count; s++) {
          change[(at + s) * m + i] = after[i * count + s] - before[i * count + s];
        }
      }
    }
    return new HiddenStates(original.rows(), m, change);
  }

  private float[] outputs(DownProjection projection, HiddenStates states, int from, int count) {
    int n = projection.neurons();
    int m = projection.outputs();
    float[] outputs = new float[m * count];
    MatrixView neurons = new MatrixView(states.values(), from * n, count, n, n);
    IntStream.range(0, (m + TILE - 1) / TILE)
        .parallel()
        .forEach(t -> {
          int height = Math.min(TILE, m - t * TILE);
          blas.addProduct(
              new MatrixView(projection.rows(), t * TILE * n, height, n, n),
              neurons,
              new MatrixView(outputs, t * TILE * count, height, count, count));
        });
    return outputs;
  }
}
