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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Fits one layer's weight to what it reads in the folded network: {@code W U} becomes {@code W B},
 * B being the least-squares map from the folded channels to the original's.
 */
final class ConsumerFit {
  private final Station.Consumer station;
  private final NetworkRun original;
  private final NetworkRun folded;
  private final Blas blas = BlasProvider.shared();

  /** Channels that are fitted together: indices into the axis's units. */
  private record Set(int chunk, int[] units, int[] foldedUnits, int[] clusterOf) {}

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
    FoldedAxis axis = station.channels();
    int[] shape = unread.shape().clone();
    shape[station.weightAxis()] = axis.size() / station.partitions();
    AxisView from = AxisView.of(unread.shape(), station.weightAxis(), station.partitions());
    AxisView to = AxisView.of(shape, station.weightAxis(), station.partitions());
    float[] out = new float[station.partitions() * to.chunk()];
    for (Set set : sets()) {
      double[] b = solve(set, importance(unread, from, set));
      apply(unread.values(), from, out, to, set, b);
    }
    return new Tensor(shape, out);
  }

  /** Channels of one chunk that have equally many positions each. */
  private List<Set> sets() {
    FoldedAxis axis = station.channels();
    int chunkSize = axis.length() / station.partitions();
    record Key(int chunk, int occurrences) {}
    Map<Key, List<Integer>> members = new LinkedHashMap<>();
    for (int u = 0; u < axis.units().length; u++) {
      int[] positions = axis.units()[u];
      Key key = new Key(positions[0] / chunkSize, positions.length);
      members.computeIfAbsent(key, k -> new ArrayList<>()).add(u);
    }
    List<Set> sets = new ArrayList<>();
    members.forEach((key, list) -> {
      int[] units = list.stream().mapToInt(Integer::intValue).toArray();
      int[] reduced =
          Arrays.stream(units)
              .map(u -> axis.clusterOf()[u])
              .filter(v -> v >= 0)
              .distinct()
              .sorted()
              .toArray();
      int[] clusterOf =
          Arrays.stream(units)
              .map(u ->
                  axis.clusterOf()[u] < 0 ? -1 : Arrays.binarySearch(reduced, axis.clusterOf()[u]))
              .toArray();
      sets.add(new Set(key.chunk, units, reduced, clusterOf));
    });
    return sets;
  }

  private static int[][] positions(int[][] all, int[] chosen) {
    return Arrays.stream(chosen).mapToObj(u -> all[u]).toArray(int[][]::new);
  }

  private double[] solve(Set set, double[] importance) {
    int[][] units = positions(station.channels().units(), set.units);
    int[][] reduced = positions(station.channels().foldedUnits(), set.foldedUnits);
    ChannelMoments fitted = new ChannelMoments(units.length, reduced.length);
    ChannelMoments heldOut = new ChannelMoments(units.length, reduced.length);
    double[] plain = Reconstruction.plain(set.clusterOf, reduced.length);
    HeldOut split = new HeldOut(fitted, heldOut);
    for (int b = 0; b < original.batches().size(); b++) {
      UnitSamples h = samples(original, b, units);
      UnitSamples g = samples(folded, b, reduced);
      if (h.blocks() != g.blocks() || h.samplesOfBlock() != g.samplesOfBlock()) {
        throw new PleatException(
            "%s reads activations of different sizes in the original and the folded network"
                .formatted(station.layer()));
      }
      int step = split.step((long) h.samplesOfBlock() * units.length);
      for (int from = 0; from < h.blocks(); from += step) {
        int to = Math.min(from + step, h.blocks());
        split
            .next()
            .add(h.gather(from, to), g.gather(from, to), (to - from) * h.samplesOfBlock(), blas);
      }
    }
    return station.centred()
        ? Reconstruction.solve(fitted.centred(), heldOut.centred(), plain, importance)
        : Reconstruction.solve(fitted, heldOut, plain, importance);
  }

  private UnitSamples samples(NetworkRun run, int batch, int[][] units) {
    TensorValue value = run.value(batch, station.value());
    return new UnitSamples(ChannelStatistics.floats(value, station.layer()), station.axis(), units);
  }

  /** Squared norm of the weight's columns for each channel. */
  private double[] importance(Tensor weight, AxisView view, Set set) {
    double[] importance = new double[set.units.length];
    for (int u = 0; u < importance.length; u++) {
      for (int p : station.channels().units()[set.units[u]]) {
        for (int o = 0; o < view.outer(); o++) {
          int start = view.start(p) + o * view.stride();
          for (int r = start; r < start + view.run(); r++) {
            importance[u] += (double) weight.values()[r] * weight.values()[r];
          }
        }
      }
    }
    return importance;
  }

  private void apply(float[] in, AxisView from, float[] out, AxisView to, Set set, double[] b) {
    int k = set.foldedUnits.length;
    int[][] units = positions(station.channels().units(), set.units);
    int[][] reduced = positions(station.channels().foldedUnits(), set.foldedUnits);
    IntStream.range(0, k)
        .parallel()
        .forEach(v -> {
          double[] sum = new double[to.run()];
          for (int occurrence = 0; occurrence < reduced[v].length; occurrence++) {
            for (int o = 0; o < to.outer(); o++) {
              Arrays.fill(sum, 0);
              for (int u = 0; u < units.length; u++) {
                double factor = b[u * k + v];
                int start = from.start(units[u][occurrence]) + o * from.stride();
                for (int r = 0; r < sum.length; r++) {
                  sum[r] += factor * in[start + r];
                }
              }
              int target = to.start(reduced[v][occurrence]) + o * to.stride();
              for (int r = 0; r < sum.length; r++) {
                out[target + r] = (float) sum[r];
              }
            }
          }
        });
  }
}
