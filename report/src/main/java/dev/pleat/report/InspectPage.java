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
        new Facts(),
        origin,
        this::sections);
  }

  private void sections(Html html) {
    Tile.draw(html, tiles());
    WidthBars.draw(html, bars(), "planned", List.of("group", "width", "planned", "parameters"));
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
    return tiles;
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
                  Figures.count(group.parameters()))));
    }
    return bars;
  }

  private Curve curve(InspectReport.Group group) {
    Optional<InspectReport.Point> planned =
        Optional.of(group)
            .filter(g -> g.planned() < g.width())
            .map(
                g -> new InspectReport.Point(g.planned(), Curve.objective(g.curve(), g.planned())));
    return new Curve(group.name(), group.width(), group.curve(), planned);
  }
}
