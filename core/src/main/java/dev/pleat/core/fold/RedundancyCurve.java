package dev.pleat.core.fold;

import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** The objective J(k) of each group for falling widths, from one Ward tree a group. */
public final class RedundancyCurve {
  private static final int POINTS = 64;

  private RedundancyCurve() {}

  /** The curves of the groups, each with k ascending and at most 64 points. */
  public static List<List<InspectReport.Point>> of(
      TensorStore store, List<ChannelGroup> groups, int threads) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() -> groups.parallelStream().map(group -> curve(store, group)).toList())
          .join();
    }
  }

  private static List<InspectReport.Point> curve(TensorStore store, ChannelGroup group) {
    GramMatrix gram = GroupClusterer.gram(store, group, true, 1);
    int[][] partitions = group.partitionMembers();
    return of(
        Arrays.stream(partitions)
            .map(members -> partitions.length == 1 ? gram : gram.submatrix(members))
            .map(WardTree::of)
            .toList());
  }

  /**
   * The curve of one group, k ascending and at most 64 points.
   *
   * @param trees one for each of its partitions, of one size; without any, the curve is empty
   */
  public static List<InspectReport.Point> of(List<WardTree> trees) {
    List<InspectReport.Point> curve = new ArrayList<>();
    int each = trees.isEmpty() ? 0 : trees.getFirst().size();
    int points = Math.min(POINTS, each);
    for (int p = 1; p <= points; p++) {
      int k = Math.max(1, (int) ((long) each * p / points));
      double objective = trees.stream().mapToDouble(tree -> tree.objective(k)).sum();
      curve.add(new InspectReport.Point(k * trees.size(), objective));
    }
    return curve;
  }
}
