package dev.pleat.report.part;

import dev.pleat.core.report.InspectReport.Point;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;
import java.util.Optional;

/** Redundancy curves as small multiples. */
public final class RedundancyCurves {
  private static final int MOST = 240;
  private static final int MARGIN = 6;

  private RedundancyCurves() {}

  /** Draws the section; nothing without curves. */
  public static void draw(Html html, List<Curve> curves) {
    if (curves.isEmpty()) {
      return;
    }
    Section.open(
        html,
        "redundancy",
        "Redundancy",
        "The error J(k) of folding a group to k channels, from k = 1 at the left to its full width, where it is 0. A curve that hugs the floor leaves much to fold.%s"
            .formatted(Sample.note(curves, MOST)));
    boolean chosen = curves.stream().anyMatch(curve -> curve.chosen().isPresent());
    html.open("p", "class", "legend");
    if (chosen) {
      html.open("span").open("span", "class", "key dot").close().text("chosen width").close();
    }
    html.open("span").open("span", "class", "key diamond").close().text("knee").close().close();
    html.open("ul", "class", "multiples");
    Sample.of(curves, MOST).forEach(curve -> one(html, curve));
    html.close();
    table(html, curves);
    html.close();
  }

  private static void one(Html html, Curve curve) {
    html.open("li").open("figure");
    html.open(
        "svg",
        "class",
        "curve",
        "viewBox",
        "%s %s %s %s"
            .formatted(-MARGIN, -MARGIN, Curve.BOX + 2 * MARGIN, Curve.BOX / 2 + 2 * MARGIN),
        "role",
        "img",
        "aria-label",
        spoken(curve),
        "data-width",
        String.valueOf(curve.width()));
    html.empty("polygon", "class", "area", "points", curve.area());
    html.empty("polyline", "class", "line", "points", curve.line());
    curve
        .knee()
        .ifPresent(knee -> {
          String x = Curve.number(curve.x(knee));
          String y = Curve.number(curve.y(knee));
          html.empty(
              "path", "class", "diamond", "d", "M%s %sm0 -5l5 5l-5 5l-5 -5z".formatted(x, y));
        });
    curve
        .chosen()
        .ifPresent(point -> {
          String x = Curve.number(curve.x(point));
          String y = Curve.number(curve.y(point));
          html.empty(
              "line",
              "class",
              "drop",
              "x1",
              x,
              "x2",
              x,
              "y1",
              y,
              "y2",
              String.valueOf(Curve.BOX / 2));
          html.empty("circle", "class", "dot", "cx", x, "cy", y, "r", "4.5");
        });
    html.close();
    html.open("figcaption").element("bdi", Names.brief(curve.name())).text(" ");
    html.element("span", widths(curve)).close().close().close();
  }

  private static String widths(Curve curve) {
    String width = Figures.count(curve.width());
    return curve.chosen().map(point -> width + " → " + Figures.count(point.k())).orElse(width);
  }

  private static String spoken(Curve curve) {
    return "Redundancy of %s: %s channels%s%s"
        .formatted(
            Names.brief(curve.name()),
            curve.width(),
            curve
                .chosen()
                .map(point ->
                    ", %s chosen at %s of the largest error"
                        .formatted(point.k(), Figures.percent(curve.share(point.objective()))))
                .orElse(""),
            curve.knee().map(point -> ", knee at " + point.k()).orElse(""));
  }

  private static void table(Html html, List<Curve> curves) {
    DataTable table =
        DataTable.open(
            html,
            "The curves in figures (error as a share of the largest)",
            List.of(
                "group",
                "width",
                "knee",
                "chosen",
                "error there",
                "at ¼ of the width",
                "at ½",
                "at ¾"));
    for (Curve curve : curves) {
      Optional<Point> chosen = curve.chosen();
      table.row(
          Names.brief(curve.name()),
          List.of(
              Figures.count(curve.width()),
              curve.knee().map(point -> Figures.count(point.k())).orElse("–"),
              chosen.map(point -> Figures.count(point.k())).orElse("–"),
              chosen.map(p -> Figures.percent(curve.share(p.objective()))).orElse("–"),
              Figures.percent(curve.shareAt(0.25 * curve.width())),
              Figures.percent(curve.shareAt(0.5 * curve.width())),
              Figures.percent(curve.shareAt(0.75 * curve.width()))));
    }
    table.close();
  }
}
