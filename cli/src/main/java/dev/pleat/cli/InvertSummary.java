package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.InvertReport;
import dev.pleat.report.figures.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A report of {@code invert} for people. */
record InvertSummary(InvertReport report) {

  /** The lines to show. */
  List<String> lines() {
    Table table = new Table(report.model(), "");
    table.row(
        "made for '%s'".formatted(report.input()),
        report.shape().stream().map(String::valueOf).collect(Collectors.joining("x")));
    report
        .recognised()
        .ifPresent(share ->
            table.row(
                "taken for their class, of %d".formatted(report.classes()),
                Figures.percent(share)));
    table.row("mismatch of the statistics", Figures.plain(report.mismatch()));
    table.row("worst, at %s".formatted(report.worstLayer()), Figures.plain(report.worstMismatch()));
    table.row(
        "loss",
        "%s to %s"
            .formatted(Figures.plain(report.lossBefore()), Figures.plain(report.lossAfter())));
    table.row("time", String.format(Locale.ROOT, "%.1f s", report.seconds()));
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    lines.add("made      " + report.reason());
    if (report.diverged()) {
      lines.add("diverged  a batch was stopped early; its best images so far were kept");
    }
    lines.add("written   " + report.output());
    report.sheet().ifPresent(sheet -> lines.add("shown on  " + sheet));
    return lines;
  }
}
