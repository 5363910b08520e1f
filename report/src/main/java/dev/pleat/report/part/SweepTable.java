package dev.pleat.report.part;

import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Point;
import dev.pleat.core.report.SweepReport.Result;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Every model of a sweep in figures. */
public final class SweepTable {
  private SweepTable() {}

  /** Draws the section. */
  public static void draw(Html html, SweepReport report) {
    Measure measure = Measure.of(report.original());
    Section.open(
        html,
        "models",
        "Models",
        "The original, and every folded model in the order of the sweep. The error is J over the squared norm of what was clustered, as a mean over the groups.");
    DataTable table =
        DataTable.show(
            html,
            "Models",
            List.of(
                "method",
                "repair",
                "allocation",
                "asked",
                "achieved",
                "error",
                measure.label().toLowerCase(Locale.ROOT),
                "parameters",
                "FLOPs",
                "size",
                "latency"));
    row(table, "original", List.of("–", "–", "–", "–", "–"), measure, report.original());
    for (Point point : report.points()) {
      row(
          table,
          point.method(),
          List.of(
              point.repair(),
              point.allocation(),
              point.target() + " " + asked(point),
              figure(point.target(), point.achieved()),
              Figures.percent(point.relativeError())),
          measure,
          point.result());
    }
    table.close();
    html.close();
  }

  private static void row(
      DataTable table, String name, List<String> how, Measure measure, Result result) {
    List<String> cells = new ArrayList<>(how);
    cells.add(measure.figure(result));
    cells.add(Figures.count(result.parameters()));
    cells.add(result.flops().map(Figures::flops).orElse("–"));
    cells.add(Figures.bytes(result.bytes()));
    cells.add(
        result.latencyMs().isEmpty()
            ? "–"
            : Figures.milliseconds(result.latencyMs().getFirst().median()));
    table.row(name, cells);
  }

  /** What a point was asked for, as it is read. */
  static String asked(Point point) {
    return figure(point.target(), point.asked());
  }

  private static String figure(String target, double value) {
    return target.equals("size") ? Figures.bytes(Math.round(value)) : Figures.percent(value);
  }
}
