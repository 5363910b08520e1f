package dev.pleat;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.ExportReport;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.InvertReport;
import dev.pleat.core.report.MergeReport;
import dev.pleat.core.report.PartReport;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.TaskReport;
import dev.pleat.core.report.TextReport;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.ClusterFolding;
import dev.pleat.llm.eval.TextEvaluation;
import dev.pleat.llm.request.Part;
import dev.pleat.llm.request.TaskRequest;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ModelExport;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.task.TaskEvaluation;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.OnnxMerging;
import dev.pleat.onnx.eval.Evaluation;
import dev.pleat.onnx.eval.LatencyComparison;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.fold.Footprints;
import dev.pleat.onnx.invert.InversionFiles;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.request.Heads;
import dev.pleat.onnx.request.InvertRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Makes trained networks smaller without data or training. The errors that a user can cause and
 * mend are {@link PleatException}s; what is written appears whole or not at all.
 */
public final class Pleat {
  /** Bytes of a file up to which it is counted what a microcontroller needs for it. */
  private static final long MICROCONTROLLER = 16_000_000;

  private Pleat() {}

  /**
   * Folds an ONNX file to the smallest model that does what the original does for 98 % of inputs.
   *
   * @throws PleatException when the input is no valid model, a directory among them since those
   *     need a target, nothing can fold, or the output exists or cannot be written
   */
  public static FoldReport fold(Path input, Path output) {
    return fold(
        switch (ModelKind.of(input)) {
          case FILE -> FileFold.of(input, output);
          case DIRECTORY -> DirectoryFold.of(input, output);
        });
  }

  /**
   * Folds as the request says.
   *
   * @throws PleatException when the request is not complete, the input is damaged or of an unknown
   *     kind, the target cannot be met, nothing can fold, or the output exists or cannot be written
   */
  public static FoldReport fold(FoldRequest<?> request) {
    return fold(request, Progress.SILENT, ClusterObserver.NONE);
  }

  /**
   * The same, watched.
   *
   * @param progress told of each stage
   * @param observer told of each group that becomes narrower
   */
  public static FoldReport fold(
      FoldRequest<?> request, Progress progress, ClusterObserver observer) {
    request.requireComplete();
    return switch (request) {
      case FileFold file -> fold(file, progress, observer);
      case DirectoryFold directory ->
          CheckpointFolding.fold(directory.request(), progress, observer);
    };
  }

  /** Only a model that verification has already run is sure to run again. */
  private static FoldReport fold(FileFold file, Progress progress, ClusterObserver observer) {
    FoldReport report = OnnxFolding.fold(file.request(), progress, observer);
    if (!file.timed()) {
      return report;
    }
    progress.begin("time", 1);
    return report.verification().ran()
        ? report.withTimings(
            LatencyComparison.measure(
                file.input(),
                file.output().orElseThrow(),
                file.inputShapes(),
                file.threads(),
                LatencyTimer.Effort.QUICK))
        : report;
  }

  /**
   * Makes one part of a fold, which several processes share out among them; whoever makes the last
   * puts the output in place, with the same bytes as {@link #fold}.
   *
   * @param fold the same for all parts
   * @throws PleatException as for a fold, when it runs the model, or when another part was made
   *     with other options
   */
  public static PartReport foldPart(DirectoryFold fold, Part part, Progress progress) {
    fold.requireComplete();
    return CheckpointFolding.foldPart(fold.request(), part, progress);
  }

  /**
   * Folds on the cluster whose library is on the class path, to the same bytes.
   *
   * @param master the cluster, as {@link ClusterFolding} takes it
   * @throws PleatException when there is no such library, and as {@link ClusterFolding} says
   */
  public static FoldReport foldOnCluster(DirectoryFold fold, String master, Progress progress) {
    fold.requireComplete();
    return ClusterFolding.find().fold(fold.request(), master, progress);
  }

  /**
   * Folds several ONNX files of one architecture into one.
   *
   * @param networks two files or more
   * @param heads what becomes of their outputs
   * @param fold of the first of them: where to write and how to fold; its target is a share of the
   *     channels of one network to remove, and 0 keeps its width
   * @throws PleatException when they are not of one architecture, and as for a fold
   */
  public static MergeReport merge(
      List<Path> networks,
      Heads heads,
      FileFold fold,
      Progress progress,
      ClusterObserver observer) {
    fold.requireComplete();
    return OnnxMerging.merge(networks, heads, fold.request(), progress, observer);
  }

  /**
   * Describes what of a model can shrink together, and what cannot and why.
   *
   * @throws PleatException when it is damaged or of an unknown kind
   */
  public static InspectReport inspect(Path model) {
    return inspect(
        switch (ModelKind.of(model)) {
          case FILE -> FileFold.of(model);
          case DIRECTORY -> DirectoryFold.of(model);
        });
  }

  /**
   * The same, with the widths that a fold would choose when it has a target. Nothing is folded.
   *
   * @throws PleatException when the model is damaged or of an unknown kind, or the target cannot be
   *     met
   */
  public static InspectReport inspect(FoldRequest<?> request) {
    return switch (request) {
      case FileFold file ->
          OnnxFolding.inspect(file.input(), file.planned(), file.threads(), file.inputShapes());
      case DirectoryFold directory ->
          CheckpointFolding.inspect(
              directory.input(),
              directory.planned(),
              directory.multiple(),
              directory.settings().heads(),
              directory.architecture(),
              directory.threads());
    };
  }

  /**
   * Measures an ONNX file: what it is worth on inputs, size and latency; of a small one also what a
   * microcontroller needs for it.
   *
   * @throws PleatException when the model does not run or what to measure on does not fit it
   */
  public static EvalReport evaluate(EvalRequest request, Progress progress) {
    EvalReport report = Evaluation.run(request, progress);
    return report.bytes() < MICROCONTROLLER
        ? report.withFootprint(
            Footprints.of(request.model(), request.inputShapes(), request.threads()))
        : report;
  }

  /**
   * Measures how well a language model predicts a text.
   *
   * @throws PleatException when the model is damaged or of an unknown family, or has no tokenizer
   */
  public static TextReport evaluate(TextRequest request, Progress progress) {
    return TextEvaluation.run(request, progress);
  }

  /**
   * Measures how many questions a language model answers.
   *
   * @throws PleatException as above, or when there are no questions
   */
  public static TaskReport evaluate(TaskRequest request, Progress progress) {
    return TaskEvaluation.run(request, progress);
  }

  /**
   * Folds a model in many ways and measures every result alike.
   *
   * @throws PleatException when the evaluation does not fit the model, or results cannot be kept
   */
  public static SweepReport sweep(SweepRequest request, Progress progress) {
    return request.run(progress);
  }

  /**
   * Writes a language model's directory as an ONNX model with a cache of keys and values.
   *
   * @param architecture a description of the model's family, where none is bundled
   * @param force whether to replace an existing output
   * @throws PleatException when the directory is damaged or of an unknown family, or the output
   *     exists or cannot be written
   */
  public static ExportReport export(
      Path directory, Optional<Path> architecture, Path output, boolean force) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return ModelExport.write(Model.of(checkpoint, architecture), checkpoint, output, force);
    }
  }

  /**
   * Makes inputs for an ONNX file of its own statistics.
   *
   * @throws PleatException when the model has none, or an output exists or cannot be written
   */
  public static InvertReport invert(InvertRequest request, Progress progress) {
    return InversionFiles.make(request, progress);
  }

  /**
   * The SHA-256 of a model in hexadecimal, as the provenance of a fold names its input.
   *
   * @param architecture a description of a directory's family, where none is bundled
   * @throws PleatException when it cannot be read
   */
  public static String hash(Path model, Optional<Path> architecture) {
    return switch (ModelKind.of(model)) {
      case FILE -> OnnxFolding.hash(model);
      case DIRECTORY -> CheckpointFolding.hash(model, architecture);
    };
  }
}
