package dev.pleat.onnx.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.Latency;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.eval.Samples;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Times a model at widths that are not decided yet. What its channels hold does not matter for
 * that, so neighbours are merged.
 */
final class WidthTrial implements AutoCloseable {
  private final TracedModel traced;
  private final int threads;
  private final OnnxSession original;
  private final Samples samples;

  private WidthTrial(TracedModel traced, int threads, OnnxSession original, Samples samples) {
    this.traced = traced;
    this.threads = threads;
    this.original = original;
    this.samples = samples;
  }

  /**
   * Opens the original.
   *
   * @throws dev.pleat.core.PleatException when it does not run
   */
  static WidthTrial open(TracedModel traced, Map<String, long[]> inputShapes, int threads) {
    OnnxSession original = OnnxSession.open(traced.model().file(), threads);
    try {
      Map<String, TensorValue> runs = GeneratedInputs.firstThatRuns(original, inputShapes, 0);
      Samples samples = Samples.generated(original, runs, inputShapes, 1);
      return new WidthTrial(traced, threads, original, samples);
    } catch (RuntimeException e) {
      original.close();
      throw e;
    }
  }

  /** Latencies of the original and of each choice of widths, in turns on the same inputs. */
  List<Latency> time(List<int[]> choices) {
    List<OnnxSession> sessions = new ArrayList<>(List.of(original));
    try {
      choices.forEach(widths -> sessions.add(open(widths)));
      return LatencyTimer.time(
          sessions, samples.inputs(), samples.batch(), LatencyTimer.Effort.QUICK);
    } finally {
      sessions.stream().skip(1).forEach(OnnxSession::close);
    }
  }

  private OnnxSession open(int[] widths) {
    List<ChannelGroup> groups = traced.groups();
    List<Clustering> clusterings =
        IntStream.range(0, widths.length)
            .mapToObj(g -> neighbours(groups.get(g), widths[g]))
            .toList();
    TensorOverlay tensors = new TensorOverlay(traced.tensors());
    Folding.merge(tensors, groups, clusterings);
    return OnnxSession.open(
        traced.rewrite(clusterings, tensors, Map.of()), traced.model().file(), threads);
  }

  private static Clustering neighbours(ChannelGroup group, int k) {
    int[] clusterOf = new int[group.width()];
    int share = k / group.partitions();
    int[][] partitions = group.partitionMembers();
    for (int p = 0; p < partitions.length; p++) {
      int[] members = partitions[p];
      for (int i = 0; i < members.length; i++) {
        clusterOf[members[i]] = p * share + (int) ((long) i * share / members.length);
      }
    }
    return Clustering.of(clusterOf);
  }

  @Override
  public void close() {
    original.close();
  }
}
