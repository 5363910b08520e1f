package dev.pleat.onnx;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.MergeReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.fold.NetworkMerge;
import dev.pleat.onnx.request.Heads;
import java.nio.file.Path;
import java.util.List;

/** Merges ONNX files of one architecture into one. */
public final class OnnxMerging {
  private OnnxMerging() {}

  /**
   * Merges networks: puts them side by side as one wide network whose outputs are the means of
   * theirs, or theirs side by side, and folds that, group by group in network order.
   *
   * @param networks two files or more
   * @param heads what becomes of their outputs
   * @param request how to fold; its input is not used, and its target is {@link Target.Channels},
   *     the share of the channels of one network to remove: 0 keeps its width
   * @throws PleatException when they are not of one architecture, and as for {@link
   *     OnnxFolding#fold}
   */
  public static MergeReport merge(
      List<Path> networks, Heads heads, FileFoldRequest request, Progress progress) {
    return merge(networks, heads, request, progress, ClusterObserver.NONE);
  }

  /** The same, with somebody who sees the clusters of each group. */
  public static MergeReport merge(
      List<Path> networks,
      Heads heads,
      FileFoldRequest request,
      Progress progress,
      ClusterObserver observer) {
    return NetworkMerge.run(networks, heads, request, progress, observer);
  }
}
