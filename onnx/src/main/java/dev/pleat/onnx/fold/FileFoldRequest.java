package dev.pleat.onnx.fold;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.onnx.request.InputSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

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
 * @param source where the inputs of a repair that runs the network come from
 * @param samples how many of them; empty for a number that suits the source
 */
public record FileFoldRequest(
    Path input,
    Path output,
    FoldOptions options,
    boolean verify,
    boolean dryRun,
    boolean force,
    int threads,
    Map<String, long[]> inputShapes,
    InputSource source,
    OptionalInt samples) {

  /** Verified, with one thread per processor, never overwriting. */
  public static FileFoldRequest of(Path input, Path output, FoldOptions options) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new FileFoldRequest(
        input,
        output,
        options,
        true,
        false,
        false,
        processors,
        Map.of(),
        new InputSource.Made(),
        OptionalInt.empty());
  }

  /** Everything that the fold reads: the model and the inputs of the repair, if they are given. */
  List<Path> inputs() {
    return source instanceof InputSource.Files given
        ? List.of(input, given.path())
        : List.of(input);
  }

  /** The same with other inputs for the repair. */
  public FileFoldRequest with(InputSource other) {
    return new FileFoldRequest(
        input, output, options, verify, dryRun, force, threads, inputShapes, other, samples);
  }

  /** The same fold of another file with other options. */
  public FileFoldRequest of(Path other, FoldOptions wanted) {
    return new FileFoldRequest(
        other, output, wanted, verify, dryRun, force, threads, inputShapes, source, samples);
  }

  /** The same, replacing an output that exists. */
  public FileFoldRequest overwriting() {
    return new FileFoldRequest(
        input, output, options, verify, dryRun, true, threads, inputShapes, source, samples);
  }
}
