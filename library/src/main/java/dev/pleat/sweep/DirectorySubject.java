package dev.pleat.sweep;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.TextReport;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.eval.TextEvaluation;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.request.TextRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A language model's directory, evaluated by its perplexity on a text. */
public final class DirectorySubject implements Subject {
  private final TextRequest evaluation;
  private final Optional<Integer> round;
  private final Optional<Path> data;

  /**
   * A directory.
   *
   * @param evaluation of the directory itself
   * @param round widths are rounded up to a multiple of this; when empty, of what loaders like
   * @param data a text to repair with; when empty, the model writes its own
   */
  public DirectorySubject(TextRequest evaluation, Optional<Integer> round, Optional<Path> data) {
    this.evaluation = evaluation;
    this.round = round;
    this.data = data;
  }

  @Override
  public Evaluated original(Progress progress) {
    FoldReport sizes =
        CheckpointFolding.fold(
            folding(FoldOptions.of(new Target.Channels(0)).with(Repair.NONE), Path.of(""), true),
            Progress.SILENT);
    return evaluated(
        TextEvaluation.run(evaluation, progress),
        sizes.parameters().before(),
        sizes.flops().map(flops -> flops.before()));
  }

  @Override
  public FoldReport fold(Trial trial, Path output, Progress progress) {
    return CheckpointFolding.fold(folding(trial.options(), output, false), progress);
  }

  @Override
  public Evaluated evaluate(Path output, FoldReport report, Progress progress) {
    TextRequest request =
        new TextRequest(
            output,
            evaluation.text(),
            evaluation.context(),
            evaluation.stride(),
            Optional.empty(),
            evaluation.description(),
            evaluation.threads());
    return evaluated(
        TextEvaluation.run(request, progress),
        report.parameters().after(),
        report.flops().map(flops -> flops.after()));
  }

  private CheckpointFoldRequest folding(FoldOptions options, Path output, boolean dryRun) {
    return CheckpointFoldRequest.builder(evaluation.model(), output, options)
        .round(round)
        .architecture(evaluation.description())
        .data(options.repair() == Repair.NONE ? Optional.empty() : data)
        .dryRun(dryRun)
        .threads(evaluation.threads())
        .build();
  }

  private static Evaluated evaluated(TextReport report, long parameters, Optional<Long> flops) {
    return new Evaluated(
        new SweepReport.Result(
            parameters,
            flops,
            report.bytes(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(report.perplexity()),
            Optional.empty()),
        report.tokens());
  }

  @Override
  public String identity() {
    return "%s, %s, round %s, repaired on %s"
        .formatted(
            CheckpointFolding.hash(evaluation.model(), evaluation.description()),
            evaluation,
            round,
            data);
  }

  @Override
  public String data() {
    return evaluation.text().toString();
  }
}
