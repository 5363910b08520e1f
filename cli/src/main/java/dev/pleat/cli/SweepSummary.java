package dev.pleat.cli;

import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Result;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.part.Measure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report of {@code sweep} for people. */
record SweepSummary(SweepReport report) {

  List<String> lines() {
    Measure measure = Measure.of(report.original());
    Table table =
        new Table(
            "method",
            "repair<",
            "allocation<",
            "asked",
            "achieved",
            "error",
            measure.label().toLowerCase(Locale.ROOT),
            "parameters",
            "size",
            "latency");
    row(table, "original", "", "", "", "", "", measure, report.original());
    for (SweepReport.Point point : report.points()) {
      row(
          table,
          point.method(),
          point.repair(),
          point.allocation(),
          "%s %s".formatted(point.target(), amount(point.asked())),
          amount(point.achieved()),
          Figures.percent(point.relativeError()),
          measure,
          point.result());
    }
    List<String> lines = new ArrayList<>(table.lines());
    lines.add("");
    report
        .failures()
        .forEach(failure ->
            lines.add("not possible: %s: %s".formatted(failure.trial(), failure.reason())));
    lines.add(
        String.format(
            Locale.ROOT,
            "measured on %s; %.2f s of clustering for all %d folds",
            report.count() > 0
                ? "%s of %s".formatted(Figures.count(report.count()), report.data())
                : report.data(),
            report.seconds(),
            report.points().size()));
    return lines;
  }

  private static void row(
      Table table,
      String method,
      String repair,
      String allocation,
      String asked,
      String achieved,
      String error,
      Measure measure,
      Result result) {
    table.row(
        method,
        repair,
        allocation,
        asked,
        achieved,
        error,
        measure.figure(result),
        Figures.count(result.parameters()),
        Figures.bytes(result.bytes()),
        result.latencyMs().stream()
            .findFirst()
            .map(latency -> Figures.milliseconds(latency.median()))
            .orElse("–"));
  }

  private static String amount(double value) {
    return value > 1 ? Figures.bytes((long) value) : Figures.percent(value);
  }
}
