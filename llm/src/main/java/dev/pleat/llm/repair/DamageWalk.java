package dev.pleat.llm.repair;

import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FeatureSpace;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;

/**
 * Says what folding the feed-forward blocks of a layer does to what comes out of the last one,
 * {@code c·E(k)}. E, the error of the blocks' outputs by the neurons that stay ({@link
 * EliminationCurve}), says how damage grows. What a unit of it costs, c, is measured: the blocks of
 * the layer alone are folded to half and fitted, and the layers behind them run on the same text:
 * layers·(layers + 1)/2 runs of a layer in all. One layer's weights are in memory.
 */
public final class DamageWalk {
  private final Model model;
  private final RepairWalk walk;
  private final int threads;
  private final LayerWalk probe;
  private final List<HiddenStates> original = new ArrayList<>();

  /**
   * Walks through the original once.
   *
   * @param seed of the fold
   * @param threads threads to use; the result does not depend on it
   */
  public DamageWalk(Model model, CalibrationText text, long seed, int threads) {
    this.model = model;
    this.threads = threads;
    Strategy fitted =
        new Strategy(Method.FOLD, FeatureSpace.FUNCTIONAL, Repair.SELF, "what is measured", "");
    this.walk = new RepairWalk(model, text, Set.of(), fitted, seed, threads, ClusterObserver.NONE);
    this.probe = new LayerWalk(model, text.batch(), threads);
    original.add(probe.embed());
    for (int layer = 0; layer < model.blueprint().layers().size(); layer++) {
      original.add(probe.layer(layer, original.getLast()).states());
    }
  }

  /**
   * The damage of some blocks of one layer together. The layers of successive calls must not fall.
   *
   * @param tensors of the blocks; stay as they are
   * @return by the neurons that each block keeps, from 0 to all; never rising
   */
  public double[] damage(List<ChannelGroup> groups, TensorStore tensors) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() -> scaled(groups, tensors)).join();
    }
  }

  private double[] scaled(List<ChannelGroup> groups, TensorStore tensors) {
    int width = groups.getFirst().width();
    int half = EliminationCurve.fewest(width);
    double[] sum = new double[width + 1];
    for (ChannelGroup group : groups) {
      double[] curve = EliminationCurve.of(walk.gram(group, tensors), half);
      Arrays.setAll(sum, k -> sum[k] + curve[k]);
    }
    if (sum[half] > 0) {
      double unit = measured(groups, tensors, half) / sum[half];
      Arrays.setAll(sum, k -> sum[k] * unit);
    }
    return sum;
  }

  private double measured(List<ChannelGroup> groups, TensorStore tensors, int kept) {
    TensorStore folded = new TensorOverlay(tensors);
    walk.tryOut(groups, folded, kept);
    Map<String, Tensor> replaced = new HashMap<>();
    for (ChannelGroup group : groups) {
      for (Slot slot : group.slots()) {
        replaced.put(slot.tensor(), folded.read(slot.tensor()));
      }
    }
    int layer = BlockNeurons.of(groups.getFirst(), model.blueprint()).layer();
    HiddenStates states =
        probe
            .layer(layer, original.get(layer), new ReplacedWeights(model.weights(), replaced))
            .states();
    for (int next = layer + 1; next < model.blueprint().layers().size(); next++) {
      states = probe.layer(next, states).states();
    }
    return DirectionError.distance(original.getLast(), states);
  }
}
