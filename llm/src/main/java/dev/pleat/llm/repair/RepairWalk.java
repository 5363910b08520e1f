package dev.pleat.llm.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.llm.blueprint.Layer;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;

/**
 * Folds and repairs feed-forward blocks, and attention ({@link HeadRemoval}), while the original
 * and the folded model walk through a text, with one layer's weights in memory. Which neurons stay
 * is chosen by what they do in the original ({@link NeuronClusters}); they keep their weights, and
 * the down projections are fitted to the outputs of the original blocks (GRAIL's ridge,
 * 2602.23795), behind the errors of earlier layers, half of which they make up for.
 */
public final class RepairWalk {
  /** With fewer positions an expert is folded by its weights alone. */
  private static final int FEWEST = 64;

  /** The relative error below which heads merge. */
  private static final double ALIKE = 1e-3;

  private final Model model;
  private final Streams streams;
  private final Strategy strategy;
  private final long seed;
  private final boolean fitted;
  private final int threads;
  private final ClusterObserver observer;
  private final Stopwatch watch = new Stopwatch();

  /**
   * A walk that stands at the first layer.
   *
   * @param removed layers that the folded model does without
   * @param strategy with {@link Repair#NONE} nothing is fitted
   * @param seed of random clusters
   * @param threads threads to use; the result does not depend on it
   * @param observer told of each block that becomes narrower, and of heads that merge
   */
  public RepairWalk(
      Model model,
      CalibrationText text,
      Set<Integer> removed,
      Strategy strategy,
      long seed,
      int threads,
      ClusterObserver observer) {
    this.observer = observer;
    this.model = model;
    this.streams = new Streams(model, new LayerWalk(model, text.batch(), threads), removed);
    this.strategy = strategy;
    this.seed = seed;
    this.fitted = strategy.fits();
    this.threads = threads;
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
      return pool.submit(() -> run(groups, tensors, kept, fitted)).join();
    }
  }

  /**
   * Folds the key/value groups of a layer's attention, before the layer's blocks: those that are as
   * good as equal merge, otherwise {@link HeadRemoval} removes some.
   *
   * @param tensors of the attention; folded ones take their place
   * @param kept groups that stay
   * @return what happened
   */
  public GroupReport foldHeads(ChannelGroup group, TensorStore tensors, int kept) {
    GroupReport merged =
        plain(group, new TensorOverlay(tensors), kept, ClusterObserver.NONE).groups().getFirst();
    if (merged.relativeError() <= ALIKE) {
      return plain(group, tensors, kept, observer).groups().getFirst();
    }
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() ->
              watch.time(
                  "repair",
                  () -> {
                    streams.advance(layerOf(group));
                    return new HeadRemoval(streams, threads).remove(group, tensors, kept);
                  }))
          .join();
    }
  }

  private int layerOf(ChannelGroup heads) {
    String output = heads.slots(Role.CONSUMER).getFirst().tensor();
    List<Layer> layers = model.blueprint().layers();
    return IntStream.range(0, layers.size())
        .filter(l -> layers.get(l).attention().output().weight().equals(output))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no attention ends in " + output));
  }

  /**
   * Folds blocks of one layer without going on behind them: later blocks will be folded as if these
   * were not.
   *
   * @param tensors of the blocks; folded ones take their place
   * @param kept neurons that each block keeps
   */
  void tryOut(List<ChannelGroup> groups, TensorStore tensors, int kept) {
    run(groups, tensors, kept, false);
  }

  /**
   * Compares the neurons of a block.
   *
   * @param tensors of the block
   */
  FunctionalGram gram(ChannelGroup group, TensorStore tensors) {
    BlockNeurons block = BlockNeurons.of(group, model.blueprint());
    streams.advance(block.layer());
    DownProjection down = DownProjection.of(block.down(), tensors.read(block.down().tensor()));
    return FunctionalGram.of(block.weighted(streams.original()), down, threads);
  }

  /**
   * A block whose neurons are reduced and whose down projection waits to be fitted.
   *
   * @param neurons those that stay; their weights stay what they were
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Pending(
      ChannelGroup group,
      BlockNeurons block,
      DownProjection down,
      int[] neurons,
      Clustering clustering,
      double[] plain) {

    private boolean isWhole() {
      return neurons.length == group.width();
    }
  }

  private List<GroupReport> run(
      List<ChannelGroup> groups, TensorStore tensors, int kept, boolean goesOn) {
    List<Pending> pending = new ArrayList<>();
    List<GroupReport> reports = new ArrayList<>();
    Map<String, Tensor> reduced = new HashMap<>();
    for (ChannelGroup group : groups) {
      BlockNeurons block = BlockNeurons.of(group, model.blueprint());
      watch.time("repair", () -> streams.advance(block.layer()));
      if (kept == group.width()) {
        if (fitted && streams.missing().isPresent()) {
          pending.add(whole(group, block, tensors));
        } else {
          reports.add(GroupReport.whole(group.name(), group.width()));
        }
        continue;
      }
      HiddenStates neurons = block.weighted(streams.original());
      if (neurons.rows() < FEWEST || !isAlive(neurons)) {
        reports.addAll(plain(group, tensors, kept, observer).groups());
      } else {
        pending.add(reduce(group, block, neurons, tensors, kept));
      }
      for (Slot slot : group.slots()) {
        reduced.put(slot.tensor(), tensors.read(slot.tensor()));
      }
    }
    watch.time(
        "repair",
        () -> {
          for (Pending p : pending) {
            Slot down = p.block.down();
            DownFit first = fitOf(p);
            DownProjection plain = DownProjection.of(p.down.outputs(), p.plain);
            OutputError before = first.error(plain);
            BlockFit.Fitted result =
                fitted
                    ? new BlockFit(streams, reduced).fit(first, p.plain, goesOn && !p.isWhole())
                    : new BlockFit.Fitted(first, plain, Map.of());
            result.producers().forEach(tensors::write);
            tensors.write(down.tensor(), result.down().tensor(down));
            p.group().slots().stream()
                .map(Slot::tensor)
                .forEach(name -> reduced.put(name, tensors.read(name)));
            reports.add(report(p, before, fitted ? result.fit().error(result.down()) : before));
            if (goesOn && streams.addsUp()) {
              streams.change(result.fit().change(result.down()));
            }
          }
        });
    if (goesOn && !reduced.isEmpty()) {
      streams.foldBlocks(reduced);
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
    Strategy plain =
        Strategy.onWeights(
            strategy.method().onWeights(), Repair.NONE, "the weights alone are looked at", "");
    return Folding.fold(
        tensors,
        Optional.empty(),
        List.of(group),
        new int[] {kept},
        plain,
        seed + group.name().hashCode(),
        threads,
        Progress.SILENT,
        watching);
  }

  private Pending reduce(
      ChannelGroup group, BlockNeurons block, HiddenStates neurons, TensorStore tensors, int kept) {
    DownProjection down = DownProjection.of(block.down(), tensors.read(block.down().tensor()));
    FunctionalGram gram = watch.time("gram", () -> FunctionalGram.of(neurons, down, threads));
    NeuronClusters clusters =
        watch.time(
            "cluster",
            () ->
                switch (strategy.method()) {
                  case FOLD -> NeuronClusters.folded(gram, kept);
                  case WANDA -> NeuronClusters.scored(gram, kept);
                  case WARD, KMEANS, HARTIGAN, L1, L2, RANDOM, IFM, INN, AVERAGE, MATCH, ZIP ->
                      NeuronClusters.of(
                          gram,
                          plain(group, new TensorOverlay(tensors), kept, ClusterObserver.NONE)
                              .clusterings()
                              .getFirst());
                });
    Clustering clustering = clusters.clustering(group.width());
    if (observer != ClusterObserver.NONE) {
      observer.clustered(group.name(), gram.functional(), clustering, List.of());
    }
    Folding.merge(
        tensors, List.of(group), List.of(Clustering.keep(clusters.medoids(), group.width())));
    return new Pending(
        group, block, down, clusters.medoids(), clustering, clusters.plain(gram, down));
  }

  /** A block of which all neurons stay. */
  private static Pending whole(ChannelGroup group, BlockNeurons block, TensorStore tensors) {
    DownProjection down = DownProjection.of(block.down(), tensors.read(block.down().tensor()));
    double[] plain = new double[down.rows().length];
    Arrays.setAll(plain, i -> down.rows()[i]);
    int[] neurons = IntStream.range(0, group.width()).toArray();
    return new Pending(group, block, down, neurons, Clustering.identity(group.width()), plain);
  }

  private DownFit fitOf(Pending p) {
    HiddenStates original = p.block.neurons(streams.unfolded());
    return new DownFit(
        p.down,
        original,
        original.columns(p.neurons),
        streams.missing(),
        p.block.scales(streams.unfolded()));
  }

  private GroupReport report(Pending p, OutputError before, OutputError after) {
    return new GroupReport(
        p.group.name(),
        p.group.width(),
        p.neurons.length,
        after.objective(),
        after.relative(),
        after.varianceRatio(),
        before.varianceRatio(),
        false,
        "",
        p.clustering.sizeCounts());
  }
}
