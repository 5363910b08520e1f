package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.Objective;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.RedundancyCurve;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
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
 * Folds and repairs feed-forward blocks while the original walks through a text, with one layer's
 * weights in memory. Blocks are clustered by what their neurons do ({@link FunctionalGram}), keep
 * the weights of each cluster's medoid, and their down projections are fitted to the outputs of the
 * original ones (GRAIL's ridge, 2602.23795). Both blocks read the original's hidden states: fits
 * behind the errors of earlier layers measured worse. So no layer depends on another's fold.
 */
public final class RepairWalk {
  /** With fewer positions an expert is folded by its weights alone. */
  private static final int FEWEST = 64;

  private final Model model;
  private final LayerWalk walk;
  private final FoldOptions options;
  private final int threads;
  private final ClusterObserver observer;
  private final Stopwatch watch = new Stopwatch();
  private int layer;
  private HiddenStates before;
  private LayerWalk.Passed passed;

  /**
   * A walk that stands at the first layer.
   *
   * @param options the method and the seed count
   * @param threads threads to use; the result does not depend on it
   * @param observer told of each block that becomes narrower
   */
  public RepairWalk(
      Model model,
      CalibrationText text,
      FoldOptions options,
      int threads,
      ClusterObserver observer) {
    this.model = model;
    this.walk = new LayerWalk(model, text.batch(), threads);
    this.options = options.with(Repair.NONE);
    this.threads = threads;
    this.observer = observer;
    this.before = walk.embed();
    this.passed = walk.layer(0, before);
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

  /** A block whose neurons are reduced and whose down projection waits to be fitted. */
  private record Pending(BlockNeurons block, DownProjection down, double[] prior) {}

  private List<GroupReport> run(List<ChannelGroup> groups, TensorStore tensors, int kept) {
    List<Pending> pending = new ArrayList<>();
    List<GroupReport> reports = new ArrayList<>();
    Map<String, Tensor> reduced = new HashMap<>();
    for (ChannelGroup group : groups) {
      BlockNeurons block = BlockNeurons.of(group, model.blueprint());
      watch.time("repair", () -> advance(block.layer()));
      HiddenStates neurons = block.neurons(passed);
      DownProjection down = DownProjection.of(block.down(), tensors.read(block.down().tensor()));
      if (neurons.rows() < FEWEST || !isAlive(neurons)) {
        reports.addAll(plain(group, tensors, kept, observer).groups());
        continue;
      }
      FunctionalGram gram = watch.time("gram", () -> FunctionalGram.of(neurons, down, threads));
      Clustering clustering = watch.time("cluster", () -> clusters(group, gram, tensors, kept));
      ReducedNeurons kin = ReducedNeurons.of(gram, clustering, down);
      Folding.merge(tensors, List.of(group), List.of(Clustering.keep(kin.kept(), group.width())));
      for (Slot slot : group.slots()) {
        reduced.put(slot.tensor(), tensors.read(slot.tensor()));
      }
      pending.add(new Pending(block, down, kin.prior()));
      reports.add(report(group, gram, clustering));
    }
    if (!pending.isEmpty()) {
      watch.time("repair", () -> fit(pending, reduced, tensors));
    }
    return reports;
  }

  private static boolean isAlive(HiddenStates neurons) {
    for (float value : neurons.values()) {
      if (value != 0) {
        return true;
      }
    }
    return false;
  }

  private Folding.Outcome plain(
      ChannelGroup group, TensorStore tensors, int kept, ClusterObserver watching) {
    return Folding.fold(
        tensors,
        Optional.empty(),
        List.of(group),
        new int[] {kept},
        options.withSeed(options.seed() + group.name().hashCode()),
        threads,
        Progress.SILENT,
        watching);
  }

  private Clustering clusters(
      ChannelGroup group, FunctionalGram gram, TensorStore tensors, int kept) {
    List<InspectReport.Point> curve = List.of();
    Clustering clustering;
    if (options.method() == Method.FOLD) {
      WardTree tree = WardTree.of(gram.functional());
      curve = RedundancyCurve.of(tree);
      clustering = HartiganRefinement.refine(gram.functional(), tree.cut(kept));
    } else {
      clustering =
          plain(group, new TensorOverlay(tensors), kept, ClusterObserver.NONE)
              .clusterings()
              .getFirst();
    }
    observer.clustered(group.name(), gram.functional(), clustering, curve);
    return clustering;
  }

  private static GroupReport report(
      ChannelGroup group, FunctionalGram gram, Clustering clustering) {
    double objective = Objective.of(gram.functional(), clustering);
    double norm = gram.functional().trace();
    return new GroupReport(
        group.name(),
        group.width(),
        clustering.count(),
        objective,
        norm > 0 ? objective / norm : 0,
        1,
        1,
        false,
        "",
        clustering.sizeCounts());
  }

  private void fit(List<Pending> pending, Map<String, Tensor> reduced, TensorStore tensors) {
    LayerWalk.Passed narrow =
        walk.layer(layer, before, new ReplacedWeights(model.weights(), reduced));
    for (Pending p : pending) {
      DownFit fit = new DownFit(p.down, p.block.neurons(passed), p.block.neurons(narrow));
      tensors.write(p.block.down().tensor(), fit.fit(p.prior).tensor(p.block.down()));
    }
  }

  private void advance(int wanted) {
    while (layer < wanted) {
      layer++;
      before = passed.states();
      passed = walk.layer(layer, before);
    }
  }
}
