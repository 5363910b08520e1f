package dev.pleat.cli;

import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.llm.CheckpointFolding;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What became of the widths of a model directory, for people.
 *
 * @param report of the fold
 * @param round the multiple that was asked for
 */
record WidthSummary(FoldReport report, Optional<Integer> round) {

  /** One line: layers of one kind share their width. */
  String line() {
    String widths =
        report.groups().stream()
            .filter(group -> !group.frozen())
            .map(this::width)
            .distinct()
            .collect(Collectors.joining(", "));
    return "widths    " + (widths.isEmpty() ? "as they were" : widths);
  }

  private String width(GroupReport group) {
    String kind = group.name().replaceFirst("^layers\\.\\d+\\.", "").replaceFirst("\\.\\d+$", "");
    String text = "%s %d -> %d".formatted(kind, group.before(), group.after());
    if (round.isPresent() || kind.equals("attention")) {
      return text;
    }
    return text
        + " (a multiple of %d; --round 1 rounds nothing)"
            .formatted(CheckpointFolding.multiple(group.before()));
  }
}
