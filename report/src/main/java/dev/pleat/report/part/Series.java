package dev.pleat.report.part;

import dev.pleat.core.report.SweepReport.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The points of a sweep that differ in nothing but their target.
 *
 * @param name what sets them apart from the others
 * @param points in the order of the sweep
 */
record Series(String name, List<Point> points) {

  /** The series of a sweep, in the order in which they first appear. */
  static List<Series> of(List<Point> points) {
    List<Function<Point, String>> traits = List.of(Point::method, Point::repair, Point::allocation);
    List<Function<Point, String>> telling = new ArrayList<>();
    for (Function<Point, String> trait : traits) {
      Set<String> values = new LinkedHashSet<>(points.stream().map(trait).toList());
      if (values.size() > 1) {
        telling.add(trait);
      }
    }
    if (telling.isEmpty()) {
      telling.add(Point::method);
    }
    Map<String, List<Point>> byName = new LinkedHashMap<>();
    for (Point point : points) {
      String name = String.join(" · ", telling.stream().map(trait -> trait.apply(point)).toList());
      byName.computeIfAbsent(name, n -> new ArrayList<>()).add(point);
    }
    return byName.entrySet().stream()
        .map(entry -> new Series(entry.getKey(), List.copyOf(entry.getValue())))
        .toList();
  }
}
