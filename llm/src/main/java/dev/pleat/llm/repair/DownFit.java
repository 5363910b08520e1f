package dev.pleat.llm.repair;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.MatrixView;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.llm.run.HiddenStates;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Fits the down projection of a folded block: the ridge regression of {@link Reconstruction} from
 * the activations of the folded block to the outputs of the original one. The last eighth of the
 * positions chooses the ridge.
 */
final class DownFit {
  private static final int BLOCK = 512;

  /** Rows of the down projection that threads share out. */
  private static final int TILE = 256;

  private static final int PARTS = 8;

  private final DownProjection down;
  private final HiddenStates original;
  private final HiddenStates folded;
  private final Blas blas = BlasProvider.shared();

  /**
   * A fit to make.
   *
   * @param down of the original, m×n
   * @param original what it reads, positions×n
   * @param folded what the folded one reads at the same positions, positions×k
   */
  DownFit(DownProjection down, HiddenStates original, HiddenStates folded) {
    this.down = down;
    this.original = original;
    this.folded = folded;
  }

  /**
   * The down projection for the folded block.
   *
   * @param prior what the ridge draws to, m×k, row-major
   */
  DownProjection fit(double[] prior) {
    int held = original.rows() - original.rows() / PARTS;
    double[] weights = new double[down.outputs()];
    Arrays.fill(weights, 1);
    double[] fitted =
        Reconstruction.solve(moments(0, held), moments(held, original.rows()), prior, weights);
    float[] rows = new float[fitted.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) fitted[i];
    }
    return new DownProjection(down.outputs(), folded.width(), rows);
  }

  private ChannelMoments moments(int from, int to) {
    ChannelMoments moments = new ChannelMoments(down.outputs(), folded.width());
    for (int at = from; at < to; at += BLOCK) {
      int count = Math.min(BLOCK, to - at);
      float[] block =
          Arrays.copyOfRange(folded.values(), at * folded.width(), (at + count) * folded.width());
      moments.add(
          outputs(at, count), DownProjection.transposed(block, count, folded.width()), count, blas);
    }
    return moments;
  }

  /** What the original block gives at some positions, m×count. */
  private float[] outputs(int from, int count) {
    int n = down.neurons();
    int m = down.outputs();
    float[] outputs = new float[m * count];
    MatrixView neurons = new MatrixView(original.values(), from * n, count, n, n);
    IntStream.range(0, (m + TILE - 1) / TILE)
        .parallel()
        .forEach(t -> {
          int height = Math.min(TILE, m - t * TILE);
          blas.addProduct(
              new MatrixView(down.rows(), t * TILE * n, height, n, n),
              neurons,
              new MatrixView(outputs, t * TILE * count, height, count, count));
        });
    return outputs;
  }
}
