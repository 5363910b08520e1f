package dev.pleat.report.part;

import dev.pleat.core.report.InspectReport.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A group's redundancy curve.
 *
 * @param name the group
 * @param width its channels
 * @param points k ascending, at least one
 * @param chosen the width that was chosen and its J, empty when none was
 * @param knee where the curve bends, empty when it does not
 */
public record Curve(
    String name, int width, List<Point> points, Optional<Point> chosen, Optional<Point> knee) {
  /** The curve's box in its own drawing: this wide, half as high. */
  static final int BOX = 200;

  /** The curve down to J = 0 at the full width. */
  public Curve {
    List<Point> whole = new ArrayList<>(points);
    if (whole.getLast().k() < width) {
      whole.add(new Point(width, 0));
    }
    points = List.copyOf(whole);
  }

  /** J as a share of its value at the left end of the curve, in [0, 1]. */
  double share(double objective) {
    double top = points.getFirst().objective();
    return top > 0 ? Math.clamp(objective / top, 0.0, 1.0) : 0;
  }

  /** The share at a width. */
  double shareAt(double k) {
    return share(objective(points, k));
  }

  /**
   * J at any width, on the straight line between the points beside it.
   *
   * @param points k ascending, at least one
   */
  public static double objective(List<Point> points, double k) {
    Point left = points.getFirst();
    for (Point right : points) {
      if (right.k() >= k) {
        double across = right.k() == left.k() ? 0 : (k - left.k()) / (right.k() - left.k());
        return left.objective() + Math.max(0, across) * (right.objective() - left.objective());
      }
      left = right;
    }
    return left.objective();
  }

  double x(Point point) {
    return (double) BOX * point.k() / width;
  }

  double y(Point point) {
    return BOX / 2.0 * (1 - share(point.objective()));
  }

  /** The line as SVG takes it. */
  String line() {
    StringBuilder line = new StringBuilder();
    for (Point point : points) {
      line.append(line.isEmpty() ? "" : " ").append(number(x(point))).append(',');
      line.append(number(y(point)));
    }
    return line.toString();
  }

  /** The line closed along the bottom. */
  String area() {
    return "%s,%s %s %s,%s".formatted(number(x(points.getFirst())), BOX / 2, line(), BOX, BOX / 2);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value).replaceFirst("\\.0$", "");
  }
}
