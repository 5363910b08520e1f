package dev.pleat.core.fold;

import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.report.InspectReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** The objective J(k) of a group for rising widths. */
public final class RedundancyCurve {
  private static final int POINTS = 64;

  private RedundancyCurve() {}

  /**
   * The curve of one group, k ascending and at most 64 points.
   *
   * @param trees one for each of its partitions, of one size; without any, the curve is empty
   */
  public static List<InspectReport.Point> of(List<WardTree> trees) {
    return of(
        trees.isEmpty() ? 0 : trees.getFirst().size(),
        trees.size(),
        k -> trees.stream().mapToDouble(tree -> tree.objective(k / trees.size())).sum());
  }

  /**
   * The same of any objective.
   *
   * @param each channels of a partition
   * @param objective by the width of the whole group
   */
  static List<InspectReport.Point> of(int each, int partitions, IntToDoubleFunction objective) {
    List<InspectReport.Point> curve = new ArrayList<>();
    int points = Math.min(POINTS, each);
    for (int p = 1; p <= points; p++) {
      int k = Math.max(1, (int) ((long) each * p / points)) * partitions;
      curve.add(new InspectReport.Point(k, objective.applyAsDouble(k)));
    }
    return curve;
  }
}
