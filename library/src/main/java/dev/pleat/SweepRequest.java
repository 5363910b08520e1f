package dev.pleat;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.SweepReport;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.sweep.DirectorySubject;
import dev.pleat.sweep.FileSubject;
import dev.pleat.sweep.Grid;
import dev.pleat.sweep.Subject;
import dev.pleat.sweep.Sweep;
import dev.pleat.sweep.SweepFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Many folds of one model, each measured in the same way: every method with every repair,
 * allocation and target. Requests never change: each method gives another one.
 */
public final class SweepRequest {
  private static final Grid USUAL =
      new Grid(
          List.of(Method.FOLD, Method.L1),
          List.of(Repair.AUTO),
          List.of(Allocation.UNIFORM),
          List.of(new Target.Channels(0.25), new Target.Channels(0.5), new Target.Channels(0.7)));

  private final FoldRequest<?> fold;
  private final Subject subject;
  private final List<Path> reads;
  private final Grid grid;
  private final Kept kept;

  /**
   * What becomes of the results.
   *
   * @param folder where they are added as they come; empty for nowhere
   * @param resume whether those that are there are gone on with
   * @param force whether they may be replaced
   * @param words how the reason of a fold that is not possible is told
   */
  private record Kept(
      Optional<Path> folder,
      boolean resume,
      boolean force,
      Function<PleatException, String> words) {}

  private SweepRequest(
      FoldRequest<?> fold, Subject subject, List<Path> reads, Grid grid, Kept kept) {
    this.fold = fold;
    this.subject = subject;
    this.reads = List.copyOf(reads);
    this.grid = grid;
    this.kept = kept;
  }

  private static SweepRequest of(FoldRequest<?> fold, Subject subject, Stream<Path> reads) {
    Kept nowhere = new Kept(Optional.empty(), false, false, e -> String.valueOf(e.getMessage()));
    return new SweepRequest(fold, subject, reads.toList(), USUAL, nowhere);
  }

  /**
   * Folds of a file at 25, 50 and 70 % of its channels, by folding and by L1 pruning.
   *
   * @param fold what all of them have in common: the model, its groups, inputs of repairs, seed
   * @param evaluation of the model itself; folds are measured alike, without labels by their
   *     agreement with it
   */
  public static SweepRequest of(FileFold fold, EvalRequest evaluation) {
    return of(
        fold,
        new FileSubject(evaluation, fold.source(), fold.samples()),
        Stream.of(evaluation.images(), evaluation.labels(), evaluation.inputs())
            .flatMap(Optional::stream));
  }

  /** The same of a language model's directory, measured by its perplexity on a text. */
  public static SweepRequest of(DirectoryFold fold, TextRequest evaluation) {
    return of(
        fold,
        new DirectorySubject(evaluation, fold.multiple(), fold.data()),
        Stream.of(evaluation.text()));
  }

  private SweepRequest with(Grid other) {
    return new SweepRequest(fold, subject, reads, other, kept);
  }

  private SweepRequest with(Kept other) {
    return new SweepRequest(fold, subject, reads, grid, other);
  }

  /** Reduces channels by each of these methods, at least one. */
  public SweepRequest methods(List<Method> methods) {
    return with(new Grid(methods, grid.repairs(), grid.allocations(), grid.targets()));
  }

  /** Repairs in each of these ways, at least one. */
  public SweepRequest repairs(List<Repair> repairs) {
    return with(new Grid(grid.methods(), repairs, grid.allocations(), grid.targets()));
  }

  /** Shares targets out in each of these ways, at least one. */
  public SweepRequest allocations(List<Allocation> allocations) {
    return with(new Grid(grid.methods(), grid.repairs(), allocations, grid.targets()));
  }

  /** Folds to each of these targets, at least one. */
  public SweepRequest targets(List<Target> targets) {
    return with(new Grid(grid.methods(), grid.repairs(), grid.allocations(), targets));
  }

  /** Keeps results in this folder as they come, and a table of all at the end. */
  public SweepRequest output(Path folder) {
    return with(new Kept(Optional.of(folder), kept.resume, kept.force, kept.words));
  }

  /** Whether to go on with the results of an interrupted sweep of the same model and evaluation. */
  public SweepRequest resume(boolean continuing) {
    return with(new Kept(kept.folder, continuing, kept.force, kept.words));
  }

  /** Whether to start over in a folder that has results. */
  public SweepRequest force(boolean replacing) {
    return with(new Kept(kept.folder, kept.resume, replacing, kept.words));
  }

  /** Tells why a fold is not possible in these words; in those of the error unless said. */
  public SweepRequest words(Function<PleatException, String> words) {
    return with(new Kept(kept.folder, kept.resume, kept.force, words));
  }

  /**
   * The files that the sweep reads, and those that it writes.
   *
   * @throws PleatException when one of them is both
   */
  public OutputCheck outputs() {
    OutputCheck check = fold.outputs();
    reads.forEach(check::reads);
    kept.folder.ifPresent(folder -> SweepFolder.check(folder, check));
    return check;
  }

  SweepReport run(Progress progress) {
    outputs();
    Optional<SweepFolder> folder =
        kept.folder.map(path -> SweepFolder.open(path, kept.resume, kept.force));
    SweepReport report =
        new Sweep(
                subject,
                fold.input().toString(),
                grid.trials(fold.settings().optionsFor(grid.targets().getFirst())),
                kept.words)
            .run(folder.map(SweepFolder::journal), kept.resume, progress);
    folder.ifPresent(results -> results.write(report));
    return report;
  }
}
