package dev.pleat.cli;

import dev.pleat.cli.terminal.Sparkline;
import dev.pleat.cli.terminal.Table;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.InspectReport;
import dev.pleat.report.figures.Figures;
import java.util.ArrayList;
import java.util.List;

/** A report of {@code inspect} for people. */
record InspectSummary(InspectReport report) {
  private static final int CURVE_WIDTH = 16;

  /** Of all parameters or operations, as a fraction. */
  private static final double SMALL = 0.001;

  /**
   * The lines to show.
   *
   * @param members whether to list the tensor axes of each group
   */
  List<String> lines(boolean members) {
    List<String> lines = new ArrayList<>();
    lines.add(total());
    report.footprint().ifPresent(footprint -> lines.add(microcontroller(footprint)));
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
      lines.add("repair    %s: %s".formatted(report.repair(), report.repairReason()));
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

  private static String microcontroller(Footprint footprint) {
    return "on a microcontroller: flash %s as fp32, %s as int8%s"
        .formatted(
            Figures.bytes(footprint.flashFp32()),
            Figures.bytes(footprint.flashInt8()),
            footprint
                .ramFp32()
                .map(ram ->
                    "; RAM of activations %s as fp32, %s as int8"
                        .formatted(
                            Figures.bytes(ram), Figures.bytes(footprint.ramInt8().orElse(0L))))
                .orElse(""));
  }

  /** The shares; reasons that concern next to nothing are one row. */
  private Table shares() {
    Table table = new Table("share", "parameters", "", "operations", "why<");
    List<InspectReport.Share> small = report.shares().stream().filter(this::isSmall).toList();
    report.shares().stream()
        .filter(share -> small.size() < 2 || !isSmall(share))
        .forEach(share -> row(table, share));
    if (small.size() > 1) {
      row(
          table,
          new InspectReport.Share(
              "%d reasons of less than 0.1 %% each".formatted(small.size()),
              small.stream().mapToLong(InspectReport.Share::parameters).sum(),
              small.stream()
                  .map(InspectReport.Share::flopsShare)
                  .reduce((x, y) -> x.flatMap(own -> y.map(other -> own + other)))
                  .orElseThrow()));
    }
    return table;
  }

  private boolean isSmall(InspectReport.Share share) {
    return !share.reason().isEmpty()
        && parametersShare(share) < SMALL
        && share.flopsShare().orElse(0.0) < SMALL;
  }

  private double parametersShare(InspectReport.Share share) {
    return (double) share.parameters() / Math.max(1, report.parameters());
  }

  private void row(Table table, InspectReport.Share share) {
    table.row(
        share.reason().isEmpty() ? "can fold" : "frozen",
        Figures.count(share.parameters()),
        Figures.percent(parametersShare(share)),
        Figures.percent(share.flopsShare().orElse(Double.NaN)),
        share.reason());
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
