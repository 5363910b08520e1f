package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of the widths of a model directory, for people.
 *
 * @param report of the fold
 * @param round the multiple that was asked for
 */
record WidthSummary(FoldReport report, Optional<Integer> round) {

  /** One line: layers of one kind share their width, or come to widths from one to another. */
  String line() {
    Map<String, List<GroupReport>> kinds = new LinkedHashMap<>();
    for (GroupReport group : report.groups()) {
      if (!group.frozen()) {
        kinds.computeIfAbsent(kind(group), kind -> new ArrayList<>()).add(group);
      }
    }
    String widths =
        kinds.entrySet().stream()
            .filter(kind -> kind.getValue().stream().anyMatch(g -> g.after() < g.before()))
            .map(kind -> widths(kind.getKey(), kind.getValue()))
            .collect(Collectors.joining(", "));
    return "widths    " + (widths.isEmpty() ? "as they were" : widths);
  }

  private static String kind(GroupReport group) {
    return group.name().replaceFirst("^layers\\.\\d+\\.", "").replaceFirst("\\.\\d+$", "");
  }

  private String widths(String kind, List<GroupReport> groups) {
    IntSummaryStatistics before = groups.stream().mapToInt(GroupReport::before).summaryStatistics();
    IntSummaryStatistics after = groups.stream().mapToInt(GroupReport::after).summaryStatistics();
    String text = "%s %s -> %s".formatted(kind, range(before), range(after));
    if (round.isPresent() || kind.equals("attention") || kind.equals("layers")) {
      return text;
    }
    return text
        + " (a multiple of %d; --round 1 rounds nothing)"
            .formatted(DirectoryFold.usualMultiple(before.getMax()));
  }

  private static String range(IntSummaryStatistics widths) {
    return widths.getMin() == widths.getMax()
        ? Integer.toString(widths.getMin())
        : widths.getMin() + " to " + widths.getMax();
  }
}
