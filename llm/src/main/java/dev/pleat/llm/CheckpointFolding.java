package dev.pleat.llm;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.PartReport;
import dev.pleat.llm.fold.CheckpointFold;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.fold.CheckpointInspection;
import dev.pleat.llm.fold.LoaderWidths;
import dev.pleat.llm.fold.PartFold;
import dev.pleat.llm.request.Part;
import java.nio.file.Path;
import java.util.Optional;

/** Folds and inspects model directories as Hugging Face lays them out. */
public final class CheckpointFolding {
  private CheckpointFolding() {}

  /**
   * Folds one directory into another, one layer in memory at a time. All layers get the same
   * widths, so that whatever loads the original loads the result, unless the options ask for a
   * global allocation. The output appears whole or not at all; after a failure to write, or an
   * interruption, it can be resumed.
   *
   * @throws PleatException when the input is damaged, quantised or of an unknown family, the target
   *     cannot be met, or the output cannot be written
   */
  public static FoldReport fold(CheckpointFoldRequest request, Progress progress) {
    return fold(request, progress, ClusterObserver.NONE);
  }

  /**
   * The same, watched.
   *
   * @param observer told of each block that becomes narrower, but for those that an earlier run
   *     finished
   */
  public static FoldReport fold(
      CheckpointFoldRequest request, Progress progress, ClusterObserver observer) {
    return CheckpointFold.run(request, progress, observer);
  }

  /**
   * Makes one part of a fold: some of the output's files of weights, in a hidden folder beside the
   * output that the parts share. Parts may be made at the same time, by other processes and on
   * other machines that share the disk, in any order and more than once. Whoever makes the last one
   * puts the output in place, with the same bytes as {@link #fold}.
   *
   * @param request the same for all parts
   * @throws PleatException as above, when the fold runs the model, or when another part was made
   *     with other options
   */
  public static PartReport foldPart(CheckpointFoldRequest request, Part part, Progress progress) {
    return PartFold.run(request, part, progress);
  }

  /**
   * The SHA-256 of a directory in hexadecimal, as the provenance of a fold names its input: that of
   * its only file of weights, or of the lines {@code NAME HASH} of all of them.
   *
   * @param architecture as in {@link CheckpointFoldRequest}
   * @throws PleatException when the directory is damaged or of an unknown family
   */
  public static String hash(Path input, Optional<Path> architecture) {
    return CheckpointFold.hash(input, architecture);
  }

  /**
   * Describes the channel groups of a directory.
   *
   * @param planned when present, what these options would make of each group is reported too
   * @param round as in {@link CheckpointFoldRequest}
   * @param heads as in {@link CheckpointFoldRequest}
   * @param architecture as in {@link CheckpointFoldRequest}
   * @throws PleatException when the input is damaged, quantised or of an unknown family
   */
  public static InspectReport inspect(
      Path input,
      Optional<FoldOptions> planned,
      Optional<Integer> round,
      Optional<Double> heads,
      Optional<Path> architecture,
      int threads) {
    return CheckpointInspection.run(input, planned, round, heads, architecture, threads);
  }

  /** The multiple that a feed-forward width is rounded up to when no other is asked for. */
  public static int multiple(int width) {
    return LoaderWidths.multiple(width);
  }
}
