package dev.pleat.onnx;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.fold.FoldPipeline;
import dev.pleat.onnx.fold.Inspection;
import dev.pleat.onnx.fold.Provenance;
import dev.pleat.onnx.fold.SharedWork;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Folds and inspects ONNX files. */
public final class OnnxFolding {
  private OnnxFolding() {}

  /**
   * Folds one file into another: read, trace, cluster, merge, repair, write, verify. The output
   * appears whole or not at all.
   *
   * @throws PleatException when the input is no valid model, the target cannot be met, nothing can
   *     fold, the output cannot be written, or the verification fails
   */
  public static FoldReport fold(FileFoldRequest request, Progress progress) {
    return fold(request, progress, ClusterObserver.NONE);
  }

  /**
   * The same, watched.
   *
   * @param observer told of each group that becomes narrower
   */
  public static FoldReport fold(
      FileFoldRequest request, Progress progress, ClusterObserver observer) {
    return fold(request, progress, observer, SharedWork.ofOne());
  }

  /**
   * The same as one of several folds of the same file.
   *
   * @param shared what the folds have in common
   */
  public static FoldReport fold(
      FileFoldRequest request, Progress progress, ClusterObserver observer, SharedWork shared) {
    return FoldPipeline.run(request, progress, observer, shared);
  }

  /**
   * The SHA-256 of a model in hexadecimal, as the provenance of a fold names its input: that of the
   * file, or, where its tensors lie in other files, of the lines {@code NAME HASH} of all of them,
   * the model first.
   *
   * @throws PleatException when it cannot be read
   */
  public static String hash(Path input) {
    return Provenance.hash(input);
  }

  /**
   * Describes the channel groups of a file.
   *
   * @param planned when present, what these options would make of each group is reported too
   * @param inputShapes as in {@link FileFoldRequest}
   * @throws PleatException when the input is no valid model
   */
  public static InspectReport inspect(
      Path input, Optional<FoldOptions> planned, int threads, Map<String, long[]> inputShapes) {
    return Inspection.run(input, planned, threads, inputShapes);
  }
}
