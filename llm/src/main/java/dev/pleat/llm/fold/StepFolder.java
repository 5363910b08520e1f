package dev.pleat.llm.fold;

import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.repair.RepairWalk;
import dev.pleat.llm.safetensors.Checkpoint;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Folds the groups of a step, with nothing in memory but their tensors. */
final class StepFolder {
  private final Checkpoint checkpoint;
  private final Strategy asked;
  private final Strategy strategy;
  private final long seed;
  private final int threads;
  private final ClusterObserver observer;
  private final Optional<RepairWalk> walk;
  private final Stopwatch watch = new Stopwatch();

  /**
   * What a step came to.
   *
   * @param tensors the folded tensors
   * @param groups what happened to each group
   */
  record Result(LayerTensors tensors, List<GroupReport> groups) {}

  /**
   * A folder of steps.
   *
   * @param asked the strategy of the fold
   * @param seed of random clusters
   * @param walk folds and repairs what is repaired; empty too in a dry run
   * @param observer told of each group that is folded here
   */
  StepFolder(
      Checkpoint checkpoint,
      Strategy asked,
      long seed,
      Optional<RepairWalk> walk,
      int threads,
      ClusterObserver observer) {
    this.checkpoint = checkpoint;
    this.asked = asked;
    this.strategy =
        Strategy.onWeights(
            asked.method().onWeights(), Repair.NONE, "nothing is fitted to inputs", "");
    this.seed = seed;
    this.walk = walk;
    this.threads = threads;
    this.observer = observer;
  }

  /** Wall-clock seconds of a stage of all steps. */
  double seconds(String stage) {
    return watch.seconds(stage) + walk.map(w -> w.watch().seconds(stage)).orElse(0.0);
  }

  /** Whether a step is needed even when it is written already, since later ones build on it. */
  boolean walksThrough(FoldStep step) {
    return walk.isPresent() && isByRunning(step);
  }

  private boolean isByRunning(FoldStep step) {
    return asked.runsFromLayerToLayer()
        && !step.groups().isEmpty()
        && (step.isFeedForward() || asked.eliminates());
  }

  /** What is known of the groups of a step before the model is run. */
  private static List<GroupReport> foreseen(FoldStep step) {
    return step.groups().stream()
        .map(group ->
            step.kept() < group.width()
                ? GroupReport.foreseen(group.name(), group.width(), step.kept())
                : GroupReport.whole(group.name(), group.width()))
        .toList();
  }

  private static List<GroupReport> walked(RepairWalk walk, FoldStep step, LayerTensors tensors) {
    return step.isFeedForward()
        ? walk.fold(step.groups(), tensors, step.kept())
        : step.groups().stream().map(group -> walk.foldHeads(group, tensors, step.kept())).toList();
  }

  /** Folds the groups of a step. */
  Result fold(FoldStep step) {
    LayerTensors tensors = new LayerTensors(checkpoint);
    if (step.groups().isEmpty()) {
      return new Result(tensors, List.of());
    }
    if (walk.isEmpty() && isByRunning(step)) {
      return new Result(tensors, foreseen(step));
    }
    watch.time(
        "read",
        () -> {
          for (ChannelGroup group : step.groups()) {
            group.slots().stream().map(Slot::tensor).forEach(tensors::source);
          }
        });
    if (walksThrough(step)) {
      return new Result(tensors, walked(walk.orElseThrow(), step, tensors));
    }
    int[] widths = new int[step.groups().size()];
    Arrays.fill(widths, step.kept());
    // Random clusters differ from layer to layer, and do not depend on which layers were resumed.
    long own = seed + step.name().hashCode();
    Folding.Outcome outcome =
        Folding.fold(
            tensors,
            Optional.empty(),
            step.groups(),
            widths,
            strategy,
            own,
            threads,
            Progress.SILENT,
            observer);
    for (String stage : List.of("gram", "cluster", "merge", "repair")) {
      watch.add(stage, outcome.watch().seconds(stage));
    }
    return new Result(tensors, outcome.groups());
  }
}
