package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One part of a fold: some of the output's files of weights, made in a folder that all parts share.
 * Parts know nothing of each other; a layer that lies in the files of two is folded by both.
 * Whoever finds the files of all parts whole puts the output in place.
 */
public final class PartFold {
  private final CheckpointFoldRequest request;
  private final Part part;
  private final Progress progress;
  private final Stopwatch watch = new Stopwatch();

  private PartFold(CheckpointFoldRequest request, Part part, Progress progress) {
    this.request = request;
    this.part = part;
    this.progress = progress;
  }

  /** Makes a part as {@link dev.pleat.llm.CheckpointFolding#foldPart} says. */
  public static PartReport run(CheckpointFoldRequest request, Part part, Progress progress) {
    return new PartFold(request, part, progress).run();
  }

  private PartReport run() {
    if (request.dryRun() || request.resume() || request.force()) {
      throw new PleatException(
          "--part goes with neither --dry-run nor --resume nor --force: a part that is made again goes on by itself");
    }
    if (request.options().allocation() != Allocation.UNIFORM) {
      throw new PleatException(
          "--part folds layers independently, and --allocate global compares them; give --allocate uniform");
    }
    Path output = PartsFolder.place(request.inputs(), request.output());
    Folding.prepare();
    progress.begin("read", 1);
    try (OpenModel model = OpenModel.open(request.input(), request.architecture())) {
      PlannedFold planned = PlannedFold.of(request, model, false, watch, progress);
      requireIndependent(planned.repair());
      try (PartsFolder stage = PartsFolder.open(output, part)) {
        return fold(model, planned, stage);
      }
    }
  }

  private void requireIndependent(CheckpointRepair repair) {
    if (repair.strategy().repair() == Repair.SELF || request.options().method() == Method.WANDA) {
      throw new PleatException(
          "--part folds layers independently, and this fold runs the model from layer to layer; give --method fold --repair none");
    }
  }

  private PartReport fold(OpenModel model, PlannedFold planned, PartsFolder stage) {
    Checkpoint checkpoint = model.checkpoint();
    FoldPlan plan = planned.plan();
    progress.begin("hash", 1);
    String hash = watch.time("read", () -> new InputHashes(stage, part).of(checkpoint));
    Map<String, String> provenance =
        CheckpointProvenance.of(checkpoint, hash, request.options(), plan, planned.repair());
    OutputLayout layout = OutputLayout.of(checkpoint, plan, provenance);
    layout.requireSize(request.options().target());
    layout.shards().forEach(stage::requireHeader);
    List<FoldStep> steps = FoldStep.of(plan, checkpoint);
    OutputLayout own = layout.of(part);
    CheckpointFold whole = new CheckpointFold(request, progress, ClusterObserver.NONE);
    StepFolder folder = whole.folder(model, plan, planned.repair());
    make(own, steps, folder, checkpoint, stage);
    List<String> made = own.shards().stream().map(OutputLayout.Shard::name).toList();
    List<String> missing =
        layout.shards().stream()
            .filter(shard -> !stage.isWhole(shard) && !stage.isJoined())
            .map(OutputLayout.Shard::name)
            .toList();
    Optional<FoldReport> report =
        missing.isEmpty()
            ? join(
                stage,
                layout,
                steps,
                (output, groups) ->
                    whole.finish(model, planned, layout, provenance, groups, folder, output))
            : Optional.empty();
    return new PartReport(part.toString(), made, missing, report);
  }

  private void make(
      OutputLayout own,
      List<FoldStep> steps,
      StepFolder folder,
      Checkpoint checkpoint,
      PartsFolder stage) {
    List<OutputLayout.Shard> left =
        own.shards().stream().filter(shard -> !stage.isSound(shard)).toList();
    Set<String> wanted = new HashSet<>();
    left.forEach(shard -> shard.entries().forEach(entry -> wanted.add(entry.name())));
    List<FoldStep> needed =
        steps.stream()
            .map(step -> step.only(wanted))
            .filter(step -> !step.tensors().isEmpty())
            .toList();
    try (StepWriter writer = StepWriter.open(new OutputLayout(left), stage::file, name -> name)) {
      Ledger ledger = Ledger.open(stage.ledger());
      new StepLoop(checkpoint, folder, writer, ledger, watch, progress).run(needed);
    }
    left.forEach(stage::finish);
  }

  /** Makes the rest of the output. */
  @FunctionalInterface
  private interface Finish {
    FoldReport run(StagedDirectory whole, List<GroupReport> groups);
  }

  private static Optional<FoldReport> join(
      PartsFolder stage, OutputLayout layout, List<FoldStep> steps, Finish finish) {
    Optional<StagedDirectory> taken = stage.whole();
    if (taken.isEmpty()) {
      return Optional.empty();
    }
    try (StagedDirectory whole = taken.get()) {
      layout.shards().forEach(stage::requireHeader);
      List<Ledger> ledgers = stage.ledgers();
      List<GroupReport> groups = new ArrayList<>();
      for (FoldStep step : steps) {
        ledgers.stream()
            .flatMap(ledger -> ledger.of(step).stream())
            .findFirst()
            .ifPresent(entry -> groups.addAll(entry.groups()));
      }
      FoldReport report = finish.run(whole, groups);
      stage.remove();
      return Optional.of(report);
    }
  }
}
