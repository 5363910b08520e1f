package dev.pleat.onnx.repair;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.core.reconstruct.Reconstruction;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Fits one layer's weight to what it reads in the folded network: {@code W U} becomes {@code W B},
 * B being the least-squares map from the folded channels to the original's. Memory does not depend
 * on the number of inputs.
 */
final class ConsumerFit {
  private final Station.Consumer station;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final Blas blas = BlasProvider.shared();

  ConsumerFit(Station.Consumer station, NetworkRun original, NetworkRun folded) {
    this.station = station;
    this.original = original;
    this.folded = folded;
  }

  /**
   * The fitted weight.
   *
   * @param unread the weight with its outputs merged and its inputs not
   */
  Tensor fit(Tensor unread) {
    int[] shape = unread.shape().clone();
    shape[station.weightAxis()] = station.channels().size() / station.partitions();
    AxisView from = AxisView.of(unread.shape(), station.weightAxis(), station.partitions());
    AxisView to = AxisView.of(shape, station.weightAxis(), station.partitions());
    float[] out = new float[station.partitions() * to.chunk()];
    for (ChannelSet set : ChannelSet.of(station.channels(), station.partitions())) {
      if (set.foldedChannels() > 0) {
        // One row for each number that the layer multiplies all its channels with.
        double[][] rows = new double[set.occurrences()][];
        Arrays.setAll(rows, o -> rows(unread.values(), from, set.positions(), o));
        double[][] fitted = solve(set, rows);
        for (int o = 0; o < fitted.length; o++) {
          put(fitted[o], out, to, set.foldedPositions(), o);
        }
      }
    }
    return new Tensor(shape, out);
  }

  /**
   * The weight of one occurrence of the channels: one row for each other index, channels across.
   */
  private static double[] rows(float[] values, AxisView view, int[][] positions, int occurrence) {
    int n = positions.length;
    double[] rows = new double[view.length() * n];
    for (int u = 0; u < n; u++) {
      for (int o = 0; o < view.outer(); o++) {
        int start = view.start(positions[u][occurrence]) + o * view.stride();
        for (int r = 0; r < view.run(); r++) {
          rows[(o * view.run() + r) * n + u] = values[start + r];
        }
      }
    }
    return rows;
  }

  private static void put(
      double[] rows, float[] values, AxisView view, int[][] positions, int occurrence) {
    int k = positions.length;
    for (int v = 0; v < k; v++) {
      for (int o = 0; o < view.outer(); o++) {
        int start = view.start(positions[v][occurrence]) + o * view.stride();
        for (int r = 0; r < view.run(); r++) {
          values[start + r] = (float) rows[(o * view.run() + r) * k + v];
        }
      }
    }
  }

  /** The weight's rows over the folded channels, for each occurrence. */
  private double[][] solve(ChannelSet set, double[][] rows) {
    int n = set.channels();
    int k = set.foldedChannels();
    ChannelMoments fitted = new ChannelMoments(n, k);
    ChannelMoments heldOut = new ChannelMoments(n, k);
    HeldOut split = new HeldOut(fitted, heldOut);
    measure(set, split);
    if (!split.isFinite()) {
      throw ChannelStatistics.notFinite(original, station.layer());
    }
    if (station.centred()) {
      fitted.centre();
      heldOut.centre();
    }
    double[] plain = Reconstruction.plain(set.clusterOf(), k);
    if (rows.length == 1 && rows[0].length <= (long) n * n) {
      // Fewer outputs than channels: the same solution, judged and found by the outputs.
      int m = rows[0].length / n;
      double[] equal = new double[m];
      Arrays.fill(equal, 1);
      double[] prior = product(rows[0], plain, n, k);
      return new double[][] {
        Reconstruction.solve(fitted.mapped(rows[0]), heldOut.mapped(rows[0]), prior, equal)
      };
    }
    double[] b = Reconstruction.solve(fitted, heldOut, plain, importance(rows, n));
    return Arrays.stream(rows).map(w -> product(w, b, n, k)).toArray(double[][]::new);
  }

  private void measure(ChannelSet set, HeldOut split) {
    for (int b = 0; b < original.batches().size(); b++) {
      UnitSamples h = samples(original, b, set.positions());
      UnitSamples g = samples(folded, b, set.foldedPositions());
      if (h.blocks() != g.blocks() || h.samplesOfBlock() != g.samplesOfBlock()) {
        throw new PleatException(
            "%s reads activations of different sizes in the original and the folded network"
                .formatted(station.layer()));
      }
      int step = split.step(h.samplesOfBlock(), set.channels());
      for (int from = 0; from < h.blocks(); from += step) {
        int to = Math.min(from + step, h.blocks());
        split
            .next()
            .add(h.gather(from, to), g.gather(from, to), (to - from) * h.samplesOfBlock(), blas);
      }
    }
  }

  private UnitSamples samples(NetworkRun run, int batch, int[][] units) {
    TensorValue value = run.value(batch, station.value());
    return new UnitSamples(ChannelStatistics.floats(value, station.layer()), station.axis(), units);
  }

  /** Squared norm of what the layer multiplies each channel with. */
  private static double[] importance(double[][] rows, int n) {
    double[] importance = new double[n];
    for (double[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        importance[i % n] += row[i] * row[i];
      }
    }
    return importance;
  }

  /** {@code W B} for W m×n and B n×k. */
  private static double[] product(double[] w, double[] b, int n, int k) {
    double[] product = new double[w.length / n * k];
    IntStream.range(0, w.length / n)
        .parallel()
        .forEach(r -> {
          for (int i = 0; i < n; i++) {
            double factor = w[r * n + i];
            for (int j = 0; j < k; j++) {
              product[r * k + j] += factor * b[i * k + j];
            }
          }
        });
    return product;
  }
}
