package dev.pleat.sweep;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.SweepReport;
import dev.pleat.onnx.output.TemporaryFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Folds a model in many ways and evaluates every result. The model itself is evaluated first, so
 * that an evaluation which does not fit it fails before anything is folded.
 *
 * @param subject the model
 * @param model what the report calls it
 * @param trials the folds
 * @param words how the reason of a fold that is not possible is told
 */
public record Sweep(
    Subject subject, String model, List<Trial> trials, Function<PleatException, String> words) {

  /** Copies the list. */
  public Sweep {
    trials = List.copyOf(trials);
  }

  /**
   * Runs the trials that are not in the journal yet. A trial whose target cannot be met is left
   * out, with the reason.
   *
   * @param journal a file that results are added to as they come; empty for none
   * @param resume whether the journal exists and holds results of this sweep
   * @throws PleatException when the evaluation does not fit the model, or the journal another sweep
   */
  public SweepReport run(Optional<Path> journal, boolean resume, Progress progress) {
    Journal kept =
        journal
            .map(file -> resume ? Journal.resume(file, subject.identity()) : Journal.begin(file))
            .orElseGet(Journal::forgetful);
    if (kept.original().isEmpty()) {
      Subject.Evaluated evaluated = subject.original(progress);
      kept.write(new Journal.Original(subject.identity(), evaluated.result(), evaluated.count()));
    }
    progress.begin("sweep", trials.size());
    List<SweepReport.Point> points = new ArrayList<>();
    List<SweepReport.Failure> failures = new ArrayList<>();
    double seconds = 0;
    for (Trial trial : trials) {
      Journal.Entry entry =
          kept.entry(trial)
              .orElseGet(() -> {
                Journal.Entry made = entry(trial);
                kept.write(made);
                return made;
              });
      entry.point().ifPresent(points::add);
      if (entry.point().isEmpty()) {
        failures.add(new SweepReport.Failure(entry.trial(), entry.failure()));
      }
      seconds += entry.seconds();
      progress.step(trial.key());
    }
    Journal.Original original = kept.original().orElseThrow();
    return new SweepReport(
        model,
        subject.data(),
        original.count(),
        trials.getFirst().options().seed(),
        original.result(),
        points,
        seconds,
        failures);
  }

  private Journal.Entry entry(Trial trial) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path output = folder.path().resolve("fold.onnx");
      FoldReport report = subject.fold(trial, output, Progress.SILENT);
      return entry(trial, report, subject.evaluate(output, report, Progress.SILENT));
    } catch (PleatException e) {
      return new Journal.Entry(trial.key(), Optional.empty(), words.apply(e), 0);
    }
  }

  private static Journal.Entry entry(Trial trial, FoldReport report, Subject.Evaluated evaluated) {
    SweepReport.Point point =
        new SweepReport.Point(
            report.method(),
            report.repair(),
            report.allocation(),
            trial.target(),
            trial.asked(),
            trial.achieved(report),
            report.groups().stream()
                .filter(group -> group.after() < group.before())
                .mapToDouble(GroupReport::relativeError)
                .average()
                .orElse(0),
            evaluated.result());
    return new Journal.Entry(
        trial.key(), Optional.of(point), "", report.seconds().gram() + report.seconds().cluster());
  }
}
