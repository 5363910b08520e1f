package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.TaskReport;
import dev.pleat.report.figures.Figures;
import java.util.List;
import java.util.Locale;

/** A report of {@code eval --task} for people. */
record TaskSummary(TaskReport report) {

  /** The lines to show. */
  List<String> lines() {
    Table table = new Table(report.model(), "");
    table.row("accuracy", share(report.accuracy()));
    table.row("normalised by length", share(report.normalized()));
    report
        .against()
        .ifPresent(original -> {
          table.row("original's accuracy", share(original.accuracy()));
          table.row("original's, normalised", share(original.normalized()));
          table.row("change", change(original.change()));
          table.row("change, normalised", change(original.normalizedChange()));
        });
    table.row("questions", Figures.count(report.count()));
    table.row("format", report.format());
    table.row("examples before each", Figures.count(report.shots()));
    table.row(
        "questions per second", String.format(Locale.ROOT, "%.1f", report.questionsPerSecond()));
    return table.lines();
  }

  private static String share(TaskReport.Share share) {
    return "%s ± %s"
        .formatted(Figures.percent(share.value()), Figures.percent(share.standardError()));
  }

  private static String change(TaskReport.Difference change) {
    return String.format(
        Locale.ROOT,
        "%+.2f points, 95 %% between %+.2f and %+.2f",
        100 * change.value(),
        100 * change.low(),
        100 * change.high());
  }
}
