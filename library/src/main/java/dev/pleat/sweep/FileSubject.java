package dev.pleat.sweep;

import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.Latency;
import dev.pleat.core.report.SweepReport;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.ImageSets;
import dev.pleat.onnx.eval.Evaluation;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.fold.SharedWork;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.request.InputSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** An ONNX file, evaluated on images, or by agreement on other inputs. */
public final class FileSubject implements Subject {
  private final EvalRequest evaluation;
  private final InputSource source;
  private final OptionalInt samples;
  private final SharedWork shared = SharedWork.ofMany();

  /**
   * A file.
   *
   * @param evaluation of the file itself; folds are evaluated alike, without labels by their
   *     agreement with it
   * @param source inputs for the repairs that read any
   * @param samples how many of them; empty for a number that suits the source
   */
  public FileSubject(EvalRequest evaluation, InputSource source, OptionalInt samples) {
    this.evaluation = evaluation;
    this.source = source;
    this.samples = samples;
  }

  @Override
  public Evaluated original(Progress progress) {
    EvalReport report =
        Evaluation.run(request(evaluation.model()), LatencyTimer.Effort.QUICK, progress);
    // A fold that removes nothing knows the sizes, and is planned in no time.
    FoldReport sizes =
        OnnxFolding.fold(
            folding(FoldOptions.of(new Target.Channels(0)).with(Repair.NONE), Path.of(""), true),
            Progress.SILENT);
    return evaluated(
        report,
        sizes.parameters().before(),
        sizes.flops().map(flops -> flops.before()),
        sizes.footprint().map(footprint -> footprint.before()));
  }

  @Override
  public FoldReport fold(Trial trial, Path output, Progress progress) {
    return OnnxFolding.fold(
        folding(trial.options(), output, false), progress, ClusterObserver.NONE, shared);
  }

  @Override
  public Evaluated evaluate(Path output, FoldReport report, Progress progress) {
    return evaluated(
        Evaluation.run(request(output), LatencyTimer.Effort.QUICK, progress),
        report.parameters().after(),
        report.flops().map(flops -> flops.after()),
        report.footprint().map(footprint -> footprint.after()));
  }

  private FileFoldRequest folding(FoldOptions options, Path output, boolean dryRun) {
    return new FileFoldRequest(
        evaluation.model(),
        output,
        options,
        true,
        dryRun,
        false,
        evaluation.threads(),
        evaluation.inputShapes(),
        options.repair().takesInputs() ? source : new InputSource.Made(),
        samples);
  }

  private EvalRequest request(Path model) {
    boolean labelled = evaluation.labels().isPresent() || hasClasses();
    return new EvalRequest(
        model,
        evaluation.images(),
        evaluation.labels(),
        evaluation.preprocessing(),
        evaluation.inputs(),
        labelled ? Optional.empty() : Optional.of(evaluation.model()),
        evaluation.batch(),
        evaluation.threads(),
        evaluation.latencyBatch(),
        evaluation.inputShapes(),
        evaluation.outputName());
  }

  private boolean hasClasses() {
    return evaluation
        .images()
        .map(path -> ImageSets.open(path, Optional.empty()).labelled())
        .orElse(false);
  }

  private static Evaluated evaluated(
      EvalReport report, long parameters, Optional<Long> flops, Optional<Footprint> footprint) {
    List<Latency> latencies = new ArrayList<>(List.of(report.latencyMs()));
    report.throughputMs().ifPresent(latencies::add);
    return new Evaluated(
        new SweepReport.Result(
            parameters,
            flops,
            report.bytes(),
            latencies,
            report.accuracy(),
            report.agreement(),
            report.embeddings(),
            Optional.empty(),
            footprint),
        report.count());
  }

  @Override
  public String identity() {
    return "%s, %s, repaired on %s x%s"
        .formatted(
            OnnxFolding.hash(evaluation.model()),
            evaluation,
            source,
            samples.isPresent() ? samples.getAsInt() : "usual");
  }

  @Override
  public String data() {
    return evaluation
        .images()
        .or(evaluation::inputs)
        .map(Path::toString)
        .orElse("generated inputs");
  }
}
