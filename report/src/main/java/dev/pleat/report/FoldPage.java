package dev.pleat.report;

import dev.pleat.core.report.Budget;
import dev.pleat.core.report.ClusterCount;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupDetail;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.report.Quality;
import dev.pleat.core.report.Timing;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Html;
import dev.pleat.report.part.ClusterHistogram;
import dev.pleat.report.part.Curve;
import dev.pleat.report.part.Facts;
import dev.pleat.report.part.FrozenGroups;
import dev.pleat.report.part.HeatMaps;
import dev.pleat.report.part.LatencyBars;
import dev.pleat.report.part.RedundancyCurves;
import dev.pleat.report.part.Tile;
import dev.pleat.report.part.VarianceRows;
import dev.pleat.report.part.WidthBars;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The page of a fold.
 *
 * @param report what was done
 * @param details what clustering saw of the groups, in any order; groups without are not drawn
 * @param origin where it comes from
 */
public record FoldPage(FoldReport report, List<GroupDetail> details, Origin origin)
    implements Page {

  /** Copies the lists. */
  public FoldPage {
    details = List.copyOf(details);
  }

  @Override
  public String html() {
    return Frame.page(
        report.output().isEmpty() ? "Fold, planned only" : "Fold",
        report.input(),
        "%s parameters became %s. Method %s, repair %s.%s"
            .formatted(
                Figures.count(report.parameters().before()),
                Figures.count(report.parameters().after()),
                report.method(),
                report.repair(),
                report
                    .quality()
                    .map(Quality::warning)
                    .filter(warning -> !warning.isEmpty())
                    .map(warning -> " Warning: " + warning + ".")
                    .orElse("")),
        facts(),
        origin,
        this::sections);
  }

  private void sections(Html html) {
    Tile.draw(html, tiles());
    WidthBars.draw(
        html,
        report.groups().stream().map(FoldPage::bar).toList(),
        "folded",
        List.of("group", "before", "after", "J", "relative error"));
    List<GroupDetail> inOrder = inOrder();
    RedundancyCurves.draw(html, curves(inOrder));
    ClusterHistogram.draw(html, clusters());
    VarianceRows.draw(html, report.folded());
    HeatMaps.draw(html, inOrder);
    LatencyBars.draw(html, report.timings());
    FrozenGroups.draw(
        html,
        report.groups().stream()
            .filter(GroupReport::frozen)
            .map(g -> new InspectReport.Frozen(g.name(), g.before(), g.reason()))
            .toList());
  }

  private List<Tile> tiles() {
    List<Tile> tiles = new ArrayList<>();
    tiles.add(Tile.of("Parameters", report.parameters(), Figures::count));
    tiles.add(Tile.of("File size", report.bytes(), Figures::bytes));
    report.flops().ifPresent(flops -> tiles.add(Tile.of("Operations", flops, Figures::flops)));
    for (Timing change : report.timings()) {
      tiles.add(
          Tile.of(
              "Latency, batch " + change.before().batch(),
              Figures.milliseconds(change.before().median()),
              Figures.milliseconds(change.after().median()),
              LatencyBars.removed(change)));
    }
    tiles.add(Tile.of("Channels", report.channels(), Figures::count));
    report
        .agreement()
        .ifPresent(agreement ->
            tiles.add(
                Tile.of(
                    "Agreement",
                    Figures.percent(agreement.top1()),
                    "with the original on held-out inputs")));
    return tiles;
  }

  private static WidthBars.Bar bar(GroupReport group) {
    return new WidthBars.Bar(
        group.name(),
        group.before(),
        group.after(),
        group.frozen(),
        List.of(
            Figures.count(group.before()),
            Figures.count(group.after()),
            group.frozen() ? "–" : Figures.plain(group.objective()),
            group.frozen() ? "–" : Figures.percent(group.relativeError())));
  }

  /** The details in the order of the network. */
  private List<GroupDetail> inOrder() {
    Map<String, GroupDetail> byName = new HashMap<>();
    details.forEach(detail -> byName.put(detail.name(), detail));
    return report.groups().stream()
        .flatMap(group -> Optional.ofNullable(byName.get(group.name())).stream())
        .toList();
  }

  private List<Curve> curves(List<GroupDetail> inOrder) {
    Map<String, GroupReport> byName = new HashMap<>();
    report.groups().forEach(group -> byName.put(group.name(), group));
    List<Curve> curves = new ArrayList<>();
    for (GroupDetail detail : inOrder) {
      GroupReport group = byName.get(detail.name());
      if (group != null && !detail.curve().isEmpty()) {
        curves.add(
            new Curve(
                group.name(),
                group.before(),
                detail.curve(),
                Optional.of(new InspectReport.Point(group.after(), group.objective())),
                detail.knee()));
      }
    }
    return curves;
  }

  private List<ClusterCount> clusters() {
    return ClusterHistogram.sum(
        report.folded().stream().flatMap(group -> group.clusters().stream()).toList());
  }

  private Facts facts() {
    return new Facts()
        .add("Output", report.output())
        .add("Method", report.method())
        .add("Repair", "%s: %s".formatted(report.repair(), report.repairReason()))
        .add("Inputs of the repair", report.repairInputs())
        .add("Allocation", report.allocation())
        .add("Budget", report.budget().map(FoldPage::budget).orElse(""))
        .add("Rounding", report.roundReason())
        .add("Seed", Long.toString(report.seed()))
        .add("Verified", verified());
  }

  private static String budget(Budget budget) {
    return "%s: of %s at most %s, predicted %s%s"
        .formatted(
            budget.measure(),
            figure(budget, budget.original()),
            figure(budget, budget.most()),
            figure(budget, budget.predicted()),
            budget.achieved().map(value -> ", achieved " + figure(budget, value)).orElse(""));
  }

  private static String figure(Budget budget, double value) {
    return budget.measure().equals("latency")
        ? Figures.milliseconds(value)
        : Figures.count((long) value);
  }

  private String verified() {
    String why = report.verification().why();
    if (!why.isEmpty()) {
      return report.verification().verified() + ": " + why;
    }
    return report.verification().ran()
        ? "it runs; a ratio-0 fold changes outputs by %s, folding planted duplicates by %s"
            .formatted(
                Figures.plain(report.verification().maxAbsDifferenceAtRatioZero()),
                Figures.plain(report.verification().maxRelativeDifferenceOfDuplicates()))
        : "no";
  }
}
