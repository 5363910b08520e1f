package dev.pleat.report.part;

import dev.pleat.core.report.SweepReport;
import dev.pleat.core.report.SweepReport.Point;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.Html;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** How good the models of a sweep are against what they cost; which cost, the reader chooses. */
public final class SweepChart {
  private final Html html;
  private final SweepReport report;
  private final Measure measure;
  private final List<Series> series;

  private SweepChart(Html html, SweepReport report) {
    this.html = html;
    this.report = report;
    this.measure = Measure.of(report.original());
    this.series = Series.of(report.points());
  }

  /** Draws the section. */
  public static void draw(Html html, SweepReport report) {
    new SweepChart(html, report).draw();
  }

  /** A model on the chart. */
  private record Spot(Point point, double cost, double value) {}

  private void draw() {
    Section.open(
        html,
        "sweep",
        measure.label() + " against cost",
        "Every mark is a folded model; cost is what is left of the original's. The dashed line is the original.");
    List<SweepCost> costs =
        Arrays.stream(SweepCost.values())
            .filter(cost -> !spots(cost, report.points()).isEmpty())
            .toList();
    html.open("div", "class", "choice").open("fieldset").element("legend", "Cost");
    for (SweepCost cost : costs) {
      String id = "cost-" + cost.id();
      if (cost == costs.getFirst()) {
        html.empty("input", "type", "radio", "name", "cost", "id", id, "checked", "checked");
      } else {
        html.empty("input", "type", "radio", "name", "cost", "id", id);
      }
      html.element("label", cost.label(), "for", id);
    }
    html.close();
    costs.forEach(this::chart);
    html.close();
    html.open("ul", "class", "legend");
    for (int s = 0; s < series.size(); s++) {
      html.open("li");
      Marker.draw(html, s);
      html.element("span", series.get(s).name()).close();
    }
    html.close().close();
  }

  /** What can be placed, costs rising. */
  private List<Spot> spots(SweepCost cost, List<Point> points) {
    return points.stream()
        .flatMap(point -> spot(cost, point).stream())
        .sorted(Comparator.comparingDouble(Spot::cost))
        .toList();
  }

  private Optional<Spot> spot(SweepCost cost, Point point) {
    return cost.share(point.result(), report.original())
        .flatMap(
            share -> measure.value(point.result()).map(value -> new Spot(point, share, value)));
  }

  private void chart(SweepCost cost) {
    List<Spot> all = spots(cost, report.points());
    Optional<Double> original = measure.value(report.original());
    double[] values =
        DoubleStream.concat(
                all.stream().mapToDouble(Spot::value),
                original.stream().mapToDouble(Double::doubleValue))
            .sorted()
            .toArray();
    Axis up = measure.axis(values[0], values[values.length - 1]);
    Axis across = Axis.linear(0, Math.max(1, all.getLast().cost()));
    html.open("figure", "class", "chart cost-" + cost.id())
        .element("figcaption", "%s by %s".formatted(measure.label(), cost.label()))
        .open(
            "div",
            "class",
            "plot",
            "role",
            "img",
            "aria-label",
            "%s of %s models by %s; the table below has all figures"
                .formatted(measure.label(), all.size(), cost.label()));
    for (double tick : up.ticks()) {
      html.element(
          "span", tick(tick, up), "class", "y", "style", "bottom:" + Css.percent(up.at(tick)));
    }
    for (double tick : across.ticks()) {
      html.element(
          "span",
          across.label(tick, 100) + " %",
          "class",
          "x",
          "style",
          "left:" + Css.percent(across.at(tick)));
    }
    original.ifPresent(value ->
        html.open("span", "class", "original", "style", "bottom:" + Css.percent(up.at(value)))
            .close());
    lines(cost, across, up);
    marks(cost, across, up);
    html.close()
        .element("p", cost.label() + " left, of the original's", "class", "axis-title")
        .close();
  }

  private void lines(SweepCost cost, Axis across, Axis up) {
    html.open(
        "svg", "viewBox", "0 0 100 100", "preserveAspectRatio", "none", "aria-hidden", "true");
    for (double tick : up.ticks()) {
      String y = String.format(Locale.ROOT, "%.2f", 100 - 100 * up.at(tick));
      html.empty("line", "class", "grid", "x1", "0", "x2", "100", "y1", y, "y2", y);
    }
    for (int s = 0; s < series.size(); s++) {
      StringBuilder line = new StringBuilder();
      for (Spot spot : spots(cost, series.get(s).points())) {
        line.append(line.isEmpty() ? "" : " ")
            .append(
                String.format(
                    Locale.ROOT,
                    "%.2f,%.2f",
                    100 * across.at(spot.cost()),
                    100 - 100 * up.at(spot.value())));
      }
      html.empty("polyline", "class", Marker.style(s), "points", line.toString());
    }
    html.close();
  }

  private void marks(SweepCost cost, Axis across, Axis up) {
    for (int s = 0; s < series.size(); s++) {
      for (Spot spot : spots(cost, series.get(s).points())) {
        html.open(
            "span",
            "class",
            "spot",
            "style",
            "left:%s;bottom:%s"
                .formatted(Css.percent(across.at(spot.cost())), Css.percent(up.at(spot.value()))),
            "title",
            "%s, %s %s: %s at %s of the %s"
                .formatted(
                    series.get(s).name(),
                    spot.point().target(),
                    SweepTable.asked(spot.point()),
                    measure.figure(spot.value()),
                    Figures.percent(spot.cost()),
                    cost.label().toLowerCase(Locale.ROOT)));
        Marker.draw(html, s);
        html.close();
      }
    }
  }

  private String tick(double value, Axis axis) {
    return measure.isShare() ? axis.label(value, 100) + " %" : axis.label(value, 1);
  }
}
