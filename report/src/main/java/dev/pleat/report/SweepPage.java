package dev.pleat.report;

import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Result;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Html;
import dev.pleat.report.part.Facts;
import dev.pleat.report.part.Measure;
import dev.pleat.report.part.SweepChart;
import dev.pleat.report.part.SweepTable;
import dev.pleat.report.part.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The page of a sweep.
 *
 * @param report all results
 * @param origin where it comes from
 */
public record SweepPage(SweepReport report, Origin origin) implements Page {

  @Override
  public String html() {
    return Frame.page(
        "Sweep",
        report.model(),
        "%s folded models, their %s on %s."
            .formatted(
                report.points().size(),
                Measure.of(report.original()).label().toLowerCase(Locale.ROOT),
                report.data()),
        new Facts()
            .add("Data", "%s, %s".formatted(report.data(), Figures.count(report.count())))
            .add("Seed", Long.toString(report.seed())),
        origin,
        this::sections);
  }

  private void sections(Html html) {
    Tile.draw(html, tiles());
    if (!report.points().isEmpty()) {
      SweepChart.draw(html, report);
    }
    SweepTable.draw(html, report);
  }

  private List<Tile> tiles() {
    Result original = report.original();
    Measure measure = Measure.of(original);
    List<Tile> tiles = new ArrayList<>();
    tiles.add(Tile.of("Models", Figures.count(report.points().size()), "beside the original"));
    tiles.add(Tile.of(measure.label(), measure.figure(original), "of the original"));
    tiles.add(Tile.of("Parameters", Figures.count(original.parameters()), "of the original"));
    tiles.add(Tile.of("File size", Figures.bytes(original.bytes()), "of the original"));
    return tiles;
  }
}
