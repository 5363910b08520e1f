package dev.pleat.onnx.fold;

import dev.pleat.core.fold.FoldOptions;
import java.nio.file.Path;
import java.util.Map;

/**
 * One fold of one ONNX file.
 *
 * @param input the model to read
 * @param output where to write; must not be the input
 * @param options what to fold and how
 * @param verify whether to check the result in ONNX Runtime
 * @param dryRun plan and report, write nothing
 * @param force replace an existing output
 * @param threads threads to use, at least 1
 * @param inputShapes shapes of graph inputs by name where the model leaves dimensions open, used to
 *     run and to count, never written
 */
public record FoldRequest(
    Path input,
    Path output,
    FoldOptions options,
    boolean verify,
    boolean dryRun,
    boolean force,
    int threads,
    Map<String, long[]> inputShapes) {

  /** Verified, with one thread per processor, never overwriting. */
  public static FoldRequest of(Path input, Path output, FoldOptions options) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new FoldRequest(input, output, options, true, false, false, processors, Map.of());
  }
}
