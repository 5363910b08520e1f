package dev.pleat.onnx.fold;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.PredictedDamage;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.repair.GeneratedCalibration;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.Batching;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures what folding each group by itself does to the outputs: a few widths, generated inputs,
 * the repair that needs none. So the widths that follow from it are the same with whatever the
 * model is repaired afterwards.
 */
final class DamageProbe {
  private static final int INPUTS = 64;
  private static final double[] KEPT = {0.75, 0.5, 0.25};

  /** Of a model with many groups, each is measured at one width. */
  private static final int MANY = 32;

  private static final double[] KEPT_OF_MANY = {0.5};

  private static final long GRAM_BYTES = 1L << 28;

  /** For outputs that are no numbers any more. */
  private static final double RUINED = 1e6;

  private final TracedModel traced;
  private final FoldOptions options;
  private final Redundancy redundancy;
  private final int threads;
  private final Map<String, TensorValue> inputs;
  private final Map<String, TensorValue> expected;

  private DamageProbe(
      TracedModel traced, FoldOptions options, Map<String, long[]> inputShapes, int threads) {
    this.traced = traced;
    this.options = options.with(Method.FOLD).with(Repair.APPROXIMATE);
    this.threads = threads;
    this.redundancy =
        Redundancy.of(traced.tensors(), traced.groups(), this.options, GRAM_BYTES, threads);
    GeneratedCalibration generated =
        GeneratedCalibration.of(traced.model(), inputShapes, INPUTS, options.seed(), threads);
    Network network =
        new Network(
            traced.model().file().toString(),
            traced.model().proto(),
            traced.model().file(),
            traced.model().nodes());
    this.inputs = generated.batch(0, Math.min(INPUTS, Batching.of(network, generated).size()));
    try (OnnxSession session = OnnxSession.open(traced.model().file(), threads)) {
      this.expected = session.run(inputs);
    }
  }

  /**
   * The damage of every group by width.
   *
   * @param inputShapes shapes of inputs by name where the model leaves dimensions open
   * @throws dev.pleat.core.PleatException when the model does not run
   */
  static Damage measure(
      TracedModel traced,
      FoldOptions options,
      Map<String, long[]> inputShapes,
      int threads,
      Progress progress) {
    return new DamageProbe(traced, options, inputShapes, threads).measure(progress);
  }

  private Damage measure(Progress progress) {
    List<ChannelGroup> groups = traced.groups();
    redundancy.prepare(Progress.SILENT);
    progress.begin("measure", groups.size());
    List<List<PredictedDamage.Measured>> measured = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      ChannelGroup group = groups.get(g);
      List<PredictedDamage.Measured> points = new ArrayList<>();
      for (double kept : groups.size() > MANY ? KEPT_OF_MANY : KEPT) {
        int each = (int) Math.round(kept * group.width() / group.partitions());
        int k = Math.max(1, each) * group.partitions();
        points.add(new PredictedDamage.Measured(k, k < group.width() ? damage(g, k) : 0));
      }
      measured.add(points);
      progress.step();
    }
    return PredictedDamage.of(redundancy, measured);
  }

  private double damage(int group, int k) {
    int[] widths = traced.groups().stream().mapToInt(ChannelGroup::width).toArray();
    widths[group] = k;
    TensorOverlay tensors = new TensorOverlay(traced.tensors());
    List<Clustering> clusterings =
        Folding.fold(
                tensors,
                Optional.empty(),
                redundancy,
                widths,
                options,
                threads,
                Progress.SILENT,
                ClusterObserver.NONE)
            .clusterings();
    try (OnnxSession session =
        OnnxSession.open(
            traced.rewrite(clusterings, tensors, Map.of()), traced.model().file(), threads)) {
      double difference = OutputDifference.meanSquared(expected, session.run(inputs));
      return Double.isFinite(difference) ? difference : RUINED;
    }
  }
}
