package dev.pleat.core.fold;

import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.report.InspectReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** The objective J(k) of a group for falling widths, at most 64 points, k ascending. */
public final class RedundancyCurve {
  private static final int POINTS = 64;

  private RedundancyCurve() {}

  /**
   * The curve of a group.
   *
   * @param width channels
   * @param partitions of equal size, which keep equally many channels each
   * @param objective J for k channels in all, a multiple of the partitions
   */
  static List<InspectReport.Point> of(int width, int partitions, IntToDoubleFunction objective) {
    int each = width / partitions;
    int points = Math.min(POINTS, each);
    List<InspectReport.Point> curve = new ArrayList<>();
    for (int p = 1; p <= points; p++) {
      int k = Math.max(1, (int) ((long) each * p / points)) * partitions;
      curve.add(new InspectReport.Point(k, objective.applyAsDouble(k)));
    }
    return curve;
  }

  /**
   * Where a curve bends: the point furthest below the straight line between its ends (Satopää et
   * al., "Finding a kneedle in a haystack", 2011). Folding further costs more than on average,
   * folding less costs less. Empty for a curve that lies nowhere below the line.
   */
  public static Optional<InspectReport.Point> knee(List<InspectReport.Point> curve) {
    Optional<InspectReport.Point> knee = Optional.empty();
    double deepest = 0;
    for (InspectReport.Point point : curve) {
      InspectReport.Point first = curve.getFirst();
      InspectReport.Point last = curve.getLast();
      double along = (double) (point.k() - first.k()) / Math.max(1, last.k() - first.k());
      double line = first.objective() + along * (last.objective() - first.objective());
      if (line - point.objective() > deepest) {
        deepest = line - point.objective();
        knee = Optional.of(point);
      }
    }
    return knee;
  }

  /** The curve of a group without partitions. */
  public static List<InspectReport.Point> of(WardTree tree) {
    return of(tree.size(), 1, tree::objective);
  }
}
