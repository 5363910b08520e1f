package dev.pleat.cli;

import dev.pleat.cli.terminal.Sparkline;
import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.InspectReport;
import dev.pleat.report.figures.Figures;
import java.util.ArrayList;
import java.util.List;

/** A report of {@code inspect} for people. */
record InspectSummary(InspectReport report) {
  private static final int CURVE_WIDTH = 16;

  /**
   * The lines to show.
   *
   * @param members whether to list the tensor axes of each group
   */
  List<String> lines(boolean members) {
    List<String> lines = new ArrayList<>();
    lines.add(total());
    if (!report.obstacle().isEmpty()) {
      lines.add("");
      lines.add(
          (report.groups().isEmpty() ? "nothing can fold: " : "sizes are not known: ")
              + report.obstacle());
    }
    if (!report.shares().isEmpty()) {
      lines.add("");
      lines.addAll(shares().lines());
    }
    if (!report.groups().isEmpty()) {
      lines.add("");
      lines.addAll(foldable().lines());
      lines.add("J(k): error of folding to k channels, from k = 1 (left) to the full width (0).");
      lines.add("A layer between two groups counts for both. Params: widths that --params leaves.");
    }
    if (members) {
      for (InspectReport.Group group : report.groups()) {
        lines.add("");
        lines.add(group.name());
        group.members().forEach(member -> lines.add("  " + member));
      }
    }
    if (!report.frozen().isEmpty()) {
      lines.add("");
      lines.addAll(frozen().lines());
    }
    return lines;
  }

  private String total() {
    return "%s: %s parameters, %s%s; %d foldable groups, %d frozen"
        .formatted(
            report.input(),
            Figures.count(report.parameters()),
            Figures.bytes(report.bytes()),
            report.flops().map(flops -> ", " + Figures.flops(flops)).orElse(""),
            report.groups().size(),
            report.frozen().size());
  }

  private Table shares() {
    Table table = new Table("share", "parameters", "", "operations", "why<");
    for (InspectReport.Share share : report.shares()) {
      table.row(
          share.reason().isEmpty() ? "can fold" : "frozen",
          Figures.count(share.parameters()),
          Figures.percent((double) share.parameters() / Math.max(1, report.parameters())),
          Figures.percent(share.flopsShare().orElse(Double.NaN)),
          share.reason());
    }
    return table;
  }

  private Table foldable() {
    List<String> columns =
        new ArrayList<>(
            List.of("group", "width", "members", "parameters", "FLOPs", "J(k)<", "knee"));
    report
        .groups()
        .getFirst()
        .choices()
        .forEach(choice -> columns.add("params " + choice.params()));
    columns.add("planned");
    Table table = new Table(columns.toArray(String[]::new));
    for (InspectReport.Group group : report.groups()) {
      double[] curve = group.curve().stream().mapToDouble(InspectReport.Point::objective).toArray();
      List<String> row =
          new ArrayList<>(
              List.of(
                  group.name(),
                  Figures.count(group.width()),
                  Figures.count(group.members().size()),
                  Figures.count(group.parameters()),
                  Figures.percent(group.flopsShare().orElse(Double.NaN)),
                  Sparkline.of(curve, CURVE_WIDTH),
                  Figures.count(group.knee())));
      group.choices().forEach(choice -> row.add(Figures.count(choice.width())));
      row.add(Figures.count(group.planned()));
      table.row(row.toArray(String[]::new));
    }
    return table;
  }

  private Table frozen() {
    Table table = new Table("frozen", "width", "why<");
    for (InspectReport.Frozen group : report.frozen()) {
      table.row(group.name(), Figures.count(group.width()), group.reason());
    }
    return table;
  }
}
