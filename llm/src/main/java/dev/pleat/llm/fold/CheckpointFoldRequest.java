package dev.pleat.llm.fold;

import dev.pleat.core.fold.FoldOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One fold of one model directory.
 *
 * @param input the directory to read
 * @param output the directory to make; empty path for a dry run
 * @param options what to fold and how; groups are named by family: mlp, experts, attention, and
 *     where layers differ in width or are about to, by layer too: layers.0.mlp
 * @param round widths are rounded up to a multiple of this; when empty, of what loaders like
 * @param heads the share of key/value groups to remove, in [0, 1); when empty, attention stays
 * @param layers how many layers to remove
 * @param architecture a description to use instead of the bundled ones
 * @param data a text to repair with; when empty, the model writes its own
 * @param dryRun plan and report, write nothing
 * @param force replace an existing output, or start over what was begun
 * @param resume continue what an interrupted run has begun
 * @param verify whether to run the layers and the written model to check them
 * @param threads threads to use, at least 1
 */
public record CheckpointFoldRequest(
    Path input,
    Path output,
    FoldOptions options,
    Optional<Integer> round,
    Optional<Double> heads,
    LayerTarget layers,
    Optional<Path> architecture,
    Optional<Path> data,
    boolean dryRun,
    boolean force,
    boolean resume,
    boolean verify,
    int threads) {

  /** A fold that keeps all layers. */
  public CheckpointFoldRequest(
      Path input,
      Path output,
      FoldOptions options,
      Optional<Integer> round,
      Optional<Double> heads,
      Optional<Path> architecture,
      Optional<Path> data,
      boolean dryRun,
      boolean force,
      boolean resume,
      boolean verify,
      int threads) {
    this(
        input,
        output,
        options,
        round,
        heads,
        LayerTarget.NONE,
        architecture,
        data,
        dryRun,
        force,
        resume,
        verify,
        threads);
  }

  /** The same, to remove layers too. */
  public CheckpointFoldRequest withLayers(LayerTarget removed) {
    return new CheckpointFoldRequest(
        input,
        output,
        options,
        round,
        heads,
        removed,
        architecture,
        data,
        dryRun,
        force,
        resume,
        verify,
        threads);
  }

  /** Everything that the fold reads. */
  List<Path> inputs() {
    return Stream.of(Optional.of(input), architecture, data).flatMap(Optional::stream).toList();
  }

  /** Feed-forward blocks only, with one thread per processor, verified, never overwriting. */
  public static CheckpointFoldRequest of(Path input, Path output, FoldOptions options) {
    int processors = Runtime.getRuntime().availableProcessors();
    return new CheckpointFoldRequest(
        input,
        output,
        options,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        false,
        true,
        processors);
  }
}
