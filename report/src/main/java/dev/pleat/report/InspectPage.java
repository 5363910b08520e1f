package dev.pleat.report;

import dev.pleat.core.report.InspectReport;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Html;
import dev.pleat.report.part.Curve;
import dev.pleat.report.part.Facts;
import dev.pleat.report.part.FrozenGroups;
import dev.pleat.report.part.RedundancyCurves;
import dev.pleat.report.part.Tile;
import dev.pleat.report.part.WidthBars;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The page of an inspection.
 *
 * @param report what was found
 * @param origin where it comes from
 */
public record InspectPage(InspectReport report, Origin origin) implements Page {

  @Override
  public String html() {
    return Frame.page(
        "Inspection",
        report.input(),
        "%s foldable groups of channels, %s frozen."
            .formatted(report.groups().size(), report.frozen().size()),
        report.repair().isEmpty()
            ? new Facts()
            : new Facts().add("Repair", "%s: %s".formatted(report.repair(), report.repairReason())),
        origin,
        this::sections);
  }

  private void sections(Html html) {
    Tile.draw(html, tiles());
    WidthBars.draw(html, bars(), "planned", headings());
    RedundancyCurves.draw(
        html, report.groups().stream().filter(g -> !g.curve().isEmpty()).map(this::curve).toList());
    FrozenGroups.draw(html, report.frozen());
  }

  private List<Tile> tiles() {
    List<Tile> tiles = new ArrayList<>();
    tiles.add(Tile.of("Parameters", Figures.count(report.parameters()), "floating-point weights"));
    tiles.add(Tile.of("File size", Figures.bytes(report.bytes()), "external data included"));
    report
        .flops()
        .ifPresent(
            flops -> tiles.add(Tile.of("Operations", Figures.flops(flops), "of one sample")));
    int width = report.groups().stream().mapToInt(InspectReport.Group::width).sum();
    int planned = report.groups().stream().mapToInt(InspectReport.Group::planned).sum();
    tiles.add(
        Tile.of(
            "Channels",
            Figures.count(width),
            planned == width
                ? "in groups that can fold"
                : "in groups that can fold; %s planned".formatted(Figures.count(planned))));
    if (!report.shares().isEmpty()) {
      tiles.add(
          Tile.of(
              "Can fold",
              Figures.percent(share("")),
              share(InspectReport.Share.HEADS) > 0
                  ? "of the parameters; %s more with --heads"
                      .formatted(Figures.percent(share(InspectReport.Share.HEADS)))
                  : "of the parameters"));
    }
    return tiles;
  }

  /** The share of the parameters that are frozen for a reason, or can fold. */
  private double share(String reason) {
    return (double)
            report.shares().stream()
                .filter(share -> share.reason().equals(reason))
                .mapToLong(InspectReport.Share::parameters)
                .sum()
        / Math.max(1, report.parameters());
  }

  private List<WidthBars.Bar> bars() {
    List<WidthBars.Bar> bars = new ArrayList<>();
    for (InspectReport.Group group : report.groups()) {
      bars.add(
          new WidthBars.Bar(
              group.name(),
              group.width(),
              group.planned(),
              false,
              List.of(
                  Figures.count(group.width()),
                  Figures.count(group.planned()),
                  Figures.count(group.parameters()),
                  group.flopsShare().map(Figures::percent).orElse("–"),
                  choice(group, 0.25),
                  choice(group, 0.5))));
    }
    return bars;
  }

  private static List<String> headings() {
    return List.of(
        "group",
        "width",
        "planned",
        "parameters",
        "share of operations",
        "at --params 0.25",
        "at --params 0.5");
  }

  /** The width that removing this share of all parameters would leave. */
  private static String choice(InspectReport.Group group, double params) {
    return group.choices().stream()
        .filter(choice -> choice.params() == params)
        .findFirst()
        .map(choice -> Figures.count(choice.width()))
        .orElse("–");
  }

  private Curve curve(InspectReport.Group group) {
    Optional<InspectReport.Point> planned =
        group.planned() < group.width()
            ? Optional.of(at(group, group.planned()))
            : Optional.empty();
    Optional<InspectReport.Point> knee =
        group.knee() < group.width() ? Optional.of(at(group, group.knee())) : Optional.empty();
    return new Curve(group.name(), group.width(), group.curve(), planned, knee);
  }

  private static InspectReport.Point at(InspectReport.Group group, int k) {
    return new InspectReport.Point(k, Curve.objective(group.curve(), k));
  }
}
