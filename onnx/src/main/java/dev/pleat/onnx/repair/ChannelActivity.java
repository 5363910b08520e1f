package dev.pleat.onnx.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelMoments;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.walk.Batching;
import dev.pleat.onnx.walk.Network;
import dev.pleat.onnx.walk.NetworkRun;
import dev.pleat.onnx.walk.WeightOverrides;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** How the channels of each group vary together where the first layer reads all of them. */
public final class ChannelActivity {
  /** Samples that are added at once, where a block has fewer. */
  private static final int SAMPLES = 4096;

  private final Trace trace;
  private final NetworkRun run;

  private ChannelActivity(Trace trace, NetworkRun run) {
    this.trace = trace;
    this.run = run;
  }

  /**
   * Covariances over all places of all inputs, by group; empty where no layer reads all channels of
   * a group at once.
   *
   * @param trace of the model
   * @throws dev.pleat.core.PleatException when an activation is not finite, or the network cannot
   *     be run in parts
   */
  public static List<Optional<GramMatrix>> of(
      OnnxModel model, Trace trace, CalibrationInputs inputs, int threads) {
    Network network =
        new Network(model.file().toString(), model.proto(), model.file(), model.nodes());
    List<Clustering> whole =
        trace.groups().stream().map(group -> Clustering.identity(group.width())).toList();
    Stations stations = new Stations(network, trace, whole);
    try (NetworkRun run =
        new NetworkRun(
            network, new WeightOverrides(), inputs, Batching.of(network, inputs), threads)) {
      return new ChannelActivity(trace, run).measured(stations);
    }
  }

  private List<Optional<GramMatrix>> measured(Stations stations) {
    List<Optional<GramMatrix>> found =
        new ArrayList<>(Collections.nCopies(trace.groups().size(), Optional.empty()));
    for (Station station : stations.inOrder()) {
      if (station instanceof Station.Consumer consumer && consumer.partitions() == 1) {
        for (int g = 0; g < found.size(); g++) {
          if (found.get(g).isEmpty()) {
            found.set(g, covariances(consumer, trace.groups().get(g)));
          }
        }
      }
    }
    return found;
  }

  private Optional<GramMatrix> covariances(Station.Consumer station, ChannelGroup group) {
    Optional<int[][]> positions =
        group.slots().stream()
            .filter(slot ->
                slot.tensor().equals(station.weight()) && slot.axis() == station.weightAxis())
            .findFirst()
            .flatMap(slot -> positions(slot, group.width()));
    if (positions.isEmpty()) {
      return Optional.empty();
    }
    run.advance(station.node());
    ChannelMoments moments = new ChannelMoments(0, group.width());
    for (int b = 0; b < run.batches().size(); b++) {
      UnitSamples samples =
          new UnitSamples(
              ChannelStatistics.floats(run.value(b, station.value()), station.layer()),
              station.axis(),
              positions.get());
      int blocks = Math.max(1, SAMPLES / samples.samplesOfBlock());
      for (int from = 0; from < samples.blocks(); from += blocks) {
        int to = Math.min(from + blocks, samples.blocks());
        moments.add(
            new float[0],
            samples.gather(from, to),
            (to - from) * samples.samplesOfBlock(),
            BlasProvider.shared());
      }
    }
    if (!moments.isFinite()) {
      throw ChannelStatistics.notFinite(run, station.layer());
    }
    return Optional.of(GramMatrix.of(group.width(), moments.centre().covariances()));
  }

  /** Positions of every channel, equally many each; empty where they are not. */
  private static Optional<int[][]> positions(Slot slot, int width) {
    int[][] positions = slot.positions(width);
    for (int[] own : positions) {
      if (own.length == 0 || own.length != positions[0].length) {
        return Optional.empty();
      }
    }
    return Optional.of(positions);
  }
}
