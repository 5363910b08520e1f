package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Stopwatch;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.safetensors.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A fold of which each file of weights can be made by itself: planned from the headers, alike
 * wherever it is opened. Who makes which file where, and what they know of each other, is up to the
 * caller. A layer that lies in two files is folded for both.
 */
public final class ShardFold implements AutoCloseable {
  private final CheckpointFoldRequest request;
  private final Progress progress;
  private final Stopwatch watch = new Stopwatch();
  private final OpenModel model;
  private final PlannedFold planned;

  private ShardFold(
      CheckpointFoldRequest request, Progress progress, OpenModel model, PlannedFold planned) {
    this.request = request;
    this.progress = progress;
    this.model = model;
    this.planned = planned;
  }

  /**
   * Opens the input and plans the fold.
   *
   * @param option asks for such a fold, as messages call it
   * @throws PleatException when the fold runs the model or compares its layers, or anything is
   *     wrong with the input
   */
  public static ShardFold open(CheckpointFoldRequest request, String option, Progress progress) {
    requireIndependent(request, option);
    Folding.prepare();
    progress.begin("read", 1);
    OpenModel model = OpenModel.open(request.input(), request.architecture());
    try {
      PlannedFold planned = PlannedFold.of(request, model, false, new Stopwatch(), progress);
      if (planned.repair().strategy().runsFromLayerToLayer()) {
        throw new PleatException(
            "%s folds layers independently, and this fold runs the model from layer to layer; give --method fold --repair none"
                .formatted(option));
      }
      return new ShardFold(request, progress, model, planned);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Refuses what such a fold cannot do, as far as the request tells.
   *
   * @param option asks for such a fold, as messages call it
   * @throws PleatException that names what was asked for
   */
  public static void requireIndependent(CheckpointFoldRequest request, String option) {
    if (request.dryRun() || request.resume() || request.force()) {
      throw new PleatException(
          "%s goes with neither --dry-run nor --resume nor --force: what is begun goes on by itself when it is asked for again"
              .formatted(option));
    }
    if (request.options().allocation() != Allocation.UNIFORM) {
      throw new PleatException(
          "%s folds layers independently, and --allocate global compares them; give --allocate uniform"
              .formatted(option));
    }
  }

  /** The input's files of weights. */
  public List<Path> inputs() {
    return model.checkpoint().shards();
  }

  /**
   * The output, once the hashes of the input's files are known.
   *
   * @param hashOf the SHA-256 of each
   * @throws PleatException when it would be larger than was asked for
   */
  public Output output(Function<Path, String> hashOf) {
    Checkpoint checkpoint = model.checkpoint();
    String hash = CheckpointProvenance.hash(checkpoint, hashOf);
    Map<String, String> provenance =
        CheckpointProvenance.of(
            checkpoint, hash, request.options(), planned.plan(), planned.repair());
    OutputLayout layout = OutputLayout.of(checkpoint, planned.plan(), provenance);
    layout.requireSize(request.options().target());
    return new Output(layout, provenance);
  }

  /** What the fold makes. */
  public final class Output {
    private final OutputLayout layout;
    private final Map<String, String> provenance;
    private final List<FoldStep> steps = FoldStep.of(planned.plan(), model.checkpoint());
    private final CheckpointFold whole =
        new CheckpointFold(request, progress, ClusterObserver.NONE);
    private final StepFolder folder = whole.folder(model, planned.plan(), planned.repair());

    private Output(OutputLayout layout, Map<String, String> provenance) {
      this.layout = layout;
      this.provenance = provenance;
    }

    /** The files of weights. */
    public OutputLayout layout() {
      return layout;
    }

    /** The input's files that some files of weights are made from. */
    public Set<Path> sources(List<OutputLayout.Shard> shards) {
      Set<Path> sources = new TreeSet<>();
      for (FoldStep step : steps(shards)) {
        step.tensors().forEach(name -> sources.add(model.checkpoint().info(name).file()));
        for (ChannelGroup group : step.groups()) {
          group.slots().stream()
              .map(Slot::tensor)
              .forEach(name -> sources.add(model.checkpoint().info(name).file()));
        }
      }
      return sources;
    }

    /**
     * Makes files of weights, or the rest of them.
     *
     * @param fileOf where each is made, on a disk
     * @param ledger where the finished steps are listed
     */
    public void make(List<OutputLayout.Shard> shards, Function<String, Path> fileOf, Path ledger) {
      try (StepWriter writer = StepWriter.open(new OutputLayout(shards), fileOf, name -> name)) {
        new StepLoop(model.checkpoint(), folder, writer, Ledger.open(ledger), watch, progress)
            .run(steps(shards));
      }
    }

    private List<FoldStep> steps(List<OutputLayout.Shard> shards) {
      Set<String> wanted = new HashSet<>();
      shards.forEach(shard -> shard.entries().forEach(entry -> wanted.add(entry.name())));
      return steps.stream()
          .map(step -> step.only(wanted))
          .filter(step -> !step.tensors().isEmpty())
          .toList();
    }

    /**
     * Completes an output whose files of weights are all made, checks it and commits it.
     *
     * @param ledgers list the finished steps
     * @throws PleatException when what was written is not as it should be, or cannot be written
     */
    public FoldReport finish(OutputStage stage, List<Path> ledgers) {
      List<Ledger> finished = ledgers.stream().map(Ledger::open).toList();
      List<GroupReport> groups = new ArrayList<>();
      for (FoldStep step : steps) {
        finished.stream()
            .flatMap(ledger -> ledger.of(step).stream())
            .findFirst()
            .ifPresent(entry -> groups.addAll(entry.groups()));
      }
      return whole.finish(model, planned, layout, provenance, groups, folder, stage);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
