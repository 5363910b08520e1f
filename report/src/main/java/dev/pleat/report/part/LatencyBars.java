package dev.pleat.report.part;

import dev.pleat.core.report.Latency;
import dev.pleat.core.report.Timing;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import java.util.List;
import java.util.Locale;

/** Times of one run, original above folded, for each batch size. */
public final class LatencyBars {
  private LatencyBars() {}

  /** Draws the section; nothing where nothing was measured. */
  public static void draw(Html html, List<Timing> changes) {
    if (changes.isEmpty()) {
      return;
    }
    Section.open(
        html,
        "latency",
        "Latency",
        "Time of one run on %s threads, both models in turns. Bar and figure are the median, the tick is what nine runs of ten stay below."
            .formatted(changes.getFirst().threads()));
    html.open("ul", "class", "latencies");
    for (Timing change : changes) {
      double longest =
          Math.max(
              Math.max(change.before().median(), p90(change.before())),
              Math.max(change.after().median(), p90(change.after())));
      html.open("li").element("h3", heading(change)).open("ol", "class", "rows");
      row(html, "original", "was", change.before(), longest);
      row(html, "folded", "now", change.after(), longest);
      html.close().close();
    }
    html.close();
    DataTable table =
        DataTable.open(
            html,
            "Latency in figures",
            List.of("batch", "original", "90 % below", "folded", "90 % below", "change"));
    for (Timing change : changes) {
      table.row(
          String.valueOf(change.before().batch()),
          List.of(
              Figures.milliseconds(change.before().median()),
              Figures.milliseconds(change.before().p90()),
              Figures.milliseconds(change.after().median()),
              Figures.milliseconds(change.after().p90()),
              Tile.percent(removed(change))));
    }
    table.close();
    html.close();
  }

  /** The share of the median that folding saves. */
  public static double removed(Timing change) {
    return 1 - change.after().median() / change.before().median();
  }

  private static String heading(Timing change) {
    return String.format(
        Locale.ROOT,
        "Batch of %s: %.2f × as fast",
        change.before().batch(),
        change.before().median() / change.after().median());
  }

  private static double p90(Latency latency) {
    return Double.isFinite(latency.p90()) ? latency.p90() : 0;
  }

  private static void row(Html html, String name, String kind, Latency latency, double longest) {
    html.open("li")
        .element("span", name, "class", "name")
        .open("span", "class", "bar", "aria-hidden", "true")
        .open("span", "class", kind, "style", Css.width(latency.median() / longest))
        .close();
    if (Double.isFinite(latency.p90())) {
      html.open("span", "class", "tick", "style", "left:" + Css.percent(latency.p90() / longest))
          .close();
    }
    html.close().element("span", Figures.milliseconds(latency.median()), "class", "figure").close();
  }
}
