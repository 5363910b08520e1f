package dev.pleat.report.part;

import dev.pleat.core.report.InspectReport.Point;
import java.util.List;
import java.util.Optional;

/**
 * Where a redundancy curve bends: the point furthest below the straight line between its ends, both
 * axes scaled to [0, 1] (Satopää et al., Finding a "Kneedle" in a Haystack, 2011).
 */
final class Knee {
  private Knee() {}

  /** The knee; empty for a curve without one. */
  static Optional<Point> of(List<Point> curve) {
    if (curve.size() < 3) {
      return Optional.empty();
    }
    Point first = curve.getFirst();
    Point last = curve.getLast();
    double fall = first.objective() - last.objective();
    double best = 0;
    Optional<Point> knee = Optional.empty();
    for (Point point : curve) {
      double across = (double) (point.k() - first.k()) / (last.k() - first.k());
      double down = (first.objective() - point.objective()) / fall;
      if (down - across > best) {
        best = down - across;
        knee = Optional.of(point);
      }
    }
    return knee;
  }
}
