package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.Objective;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;

/**
 * Folds and repairs feed-forward blocks while the original and the folded model walk through the
 * same text side by side, with one layer's weights in memory. Blocks are clustered by what they do
 * in the original ({@link FunctionalGram}), keep the weights of each cluster's medoid, and their
 * down projections are fitted to the original's outputs from what they themselves read, behind all
 * layers that are folded already (GRAIL's ridge, 2602.23795, made sequential).
 */
public final class RepairWalk {
  /** With fewer positions an expert is folded by its weights alone. */
  private static final int FEWEST = 64;

  private final Model model;
  private final LayerWalk walk;
  private final FoldOptions options;
  private final int threads;
  private final Stopwatch watch = new Stopwatch();
  private final Map<String, Tensor> replaced = new HashMap<>();
  private int layer;
  private HiddenStates prev;
  private HiddenStates folded;
  private LayerWalk.Passed original;

  /**
   * A walk that stands before the first layer.
   *
   * @param options the method and the seed count
   * @param threads threads to use; the result does not depend on it
   */
  public RepairWalk(Model model, CalibrationText text, FoldOptions options, int threads) {
    this.model = model;
    this.walk = new LayerWalk(model, text.batch(), threads);
    this.options = options.with(Repair.NONE);
    this.threads = threads;
    this.prev = walk.embed();
    this.folded = prev;
    this.original = walk.layer(0, folded);
  }

  /** Wall-clock seconds of the stages {@code gram}, {@code cluster}, {@code repair}. */
  public Stopwatch watch() {
    return watch;
  }

  /**
   * Folds blocks of one layer. The layers of successive calls must not fall.
   *
   * @param tensors of the blocks; folded ones take their place
   * @param kept neurons that each block keeps
   * @return what happened to each block
   */
  public List<GroupReport> fold(List<ChannelGroup> groups, TensorStore tensors, int kept) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() -> run(groups, tensors, kept)).join();
    }
  }

  private List<GroupReport> run(List<ChannelGroup> groups, TensorStore tensors, int kept) {
    List<Pending> pending = new ArrayList<>();
    List<GroupReport> reports = new ArrayList<>();
    for (ChannelGroup group : groups) {
      BlockNeurons block = BlockNeurons.of(group, model.blueprint());
      watch.time("repair", () -> advance(block.layer()));
      HiddenStates neurons = block.neurons(original);
      if (neurons.rows() < FEWEST || !isAlive(neurons)) {
        reports.addAll(
            Folding.fold(
                    tensors,
                    Optional.empty(),
                    List.of(group),
                    new int[] {kept},
                    options,
                    threads,
                    Progress.SILENT)
                .groups());
      } else {
        reports.add(reduce(group, block, neurons, tensors, kept, pending));
      }
      for (Slot slot : group.slots()) {
        replaced.put(slot.tensor(), tensors.read(slot.tensor()));
      }
    }
    watch.time("repair", () -> fit(pending, tensors));
    return reports;
  }

  /** A block whose neurons are reduced and whose down projection waits to be fitted. */
  private record Pending(BlockNeurons block, DownProjection down, double[] prior) {}

  private static boolean isAlive(HiddenStates neurons) {
    for (float value : neurons.values()) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private GroupReport reduce(
      ChannelGroup group,
      BlockNeurons block,
      HiddenStates neurons,
      TensorStore tensors,
      int kept,
      List<Pending> pending) {
    int n = group.width();
    DownProjection down = DownProjection.of(block.down(), tensors.read(block.down().tensor()));
    FunctionalGram gram =
        watch.time(
            "gram",
            () ->
                FunctionalGram.of(
                    n,
                    DownProjection.transposed(neurons.values(), neurons.rows(), n),
                    down.columns(),
                    threads));
    Clustering clustering = watch.time("cluster", () -> clusters(group, gram, tensors, kept));
    ReducedNeurons reduced = ReducedNeurons.of(gram, clustering, down);
    Folding.merge(tensors, List.of(group), List.of(Clustering.keep(reduced.kept(), n)));
    pending.add(new Pending(block, down, reduced.prior()));
    double objective = Objective.of(gram.functional(), clustering);
    double norm = gram.functional().trace();
    return new GroupReport(
        group.name(), n, kept, objective, norm > 0 ? objective / norm : 0, 1, 1, false, "");
  }

  private Clustering clusters(
      ChannelGroup group, FunctionalGram gram, TensorStore tensors, int kept) {
    if (options.method() == Method.FOLD && !Boolean.getBoolean("x.w")) {
      return HartiganRefinement.refine(gram.functional(), WardTree.of(gram.functional()).cut(kept));
    }
    if (Boolean.getBoolean("x.wanda")) {
      double[] norms = new double[group.width()];
      for (int i = 0; i < norms.length; i++) norms[i] = gram.functional().get(i, i);
      return dev.pleat.core.cluster.MagnitudePruning.of(norms, kept);
    }
    return Folding.fold(
            new TensorOverlay(tensors),
            Optional.empty(),
            List.of(group),
            new int[] {kept},
            options.withSeed(options.seed() + group.name().hashCode()),
            threads,
            Progress.SILENT)
        .clusterings()
        .getFirst();
  }

  private void fit(List<Pending> pending, TensorStore tensors) {
    if (pending.isEmpty()) {
      return;
    }
    LayerWalk.Passed narrow =
        Boolean.getBoolean("x.own")
            ? walk.layer(layer, prev, weights())
            : walk.layer(layer, folded, weights());
    for (Pending p : pending) {
      // Another state before an expert may send positions to other experts.
      HiddenStates before = p.block.neurons(original, p.block.rows(narrow));
      HiddenStates after = p.block.neurons(narrow, p.block.rows(original));
      DownProjection fitted = new DownFit(p.down, before, after).fit(p.prior);
      Tensor tensor = fitted.tensor(p.block.down());
      tensors.write(p.block.down().tensor(), tensor);
      replaced.put(p.block.down().tensor(), tensor);
    }
  }

  private ReplacedWeights weights() {
    return new ReplacedWeights(model.weights(), replaced);
  }

  /** Goes on to a layer: both models run through those before it. */
  private void advance(int wanted) {
    while (layer < wanted) {
      folded =
          replaced.isEmpty() && folded == prev
              ? original.states()
              : walk.layer(layer, folded, weights()).states();
      replaced.clear();
      layer++;
      prev = original.states();
      original = walk.layer(layer, original.states());
    }
  }
}
