package dev.pleat.report.part;

import dev.pleat.core.report.GroupDetail;
import dev.pleat.core.report.SimilarityMap;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;
import java.util.Locale;

/** How alike the channels of each group are before and after merging. */
public final class HeatMaps {
  private static final int MOST = 200;

  private HeatMaps() {}

  /** Draws the section; nothing without maps. */
  public static void draw(Html html, List<GroupDetail> details) {
    if (details.isEmpty()) {
      return;
    }
    Section.open(
        html,
        "correlation",
        "Correlation",
        "Correlation between channels by what they were clustered by. Members of a cluster lie side by side, the largest cluster first. Channels that merge because they are alike are blue blocks along the diagonal; those that merge because they are weak are not. Of wide groups, the %s channels in the largest clusters.%s"
            .formatted(SimilarityMap.MOST, Sample.note(details, MOST)));
    html.open("p", "class", "scale")
        .element("span", "−1")
        .open("span", "class", "ramp", "role", "img", "aria-label", "orange below 0, blue above")
        .close()
        .element("span", "+1")
        .close();
    html.open("div", "class", "maps", "id", "maps");
    for (GroupDetail detail : Sample.of(details, MOST)) {
      html.open("figure", "class", "map")
          .open("figcaption")
          .element("bdi", Names.brief(detail.name()))
          .close()
          .open("div", "class", "pair");
      half(html, "before", detail.name(), detail.before());
      half(html, "after", detail.name(), detail.after());
      html.close().close();
    }
    html.close();
    table(html, details);
    html.close();
  }

  private static void half(Html html, String when, String name, SimilarityMap map) {
    String all = Figures.count(map.channels()) + " channels";
    String caption =
        map.side() < map.channels()
            ? "%s: %s of %s".formatted(when, map.side(), all)
            : "%s: %s".formatted(when, all);
    html.open("div")
        .empty(
            "img",
            "src",
            HeatMapImage.address(map),
            "width",
            String.valueOf(map.side()),
            "height",
            String.valueOf(map.side()),
            "alt",
            "Correlation of the channels of %s %s; mean size beside the diagonal %s"
                .formatted(Names.brief(name), caption, mean(map)))
        .element("span", caption)
        .close();
  }

  private static void table(Html html, List<GroupDetail> details) {
    DataTable table =
        DataTable.open(
            html,
            "Correlations in figures",
            List.of(
                "group",
                "channels before",
                "mean size beside the diagonal",
                "channels after",
                "mean size beside the diagonal"));
    for (GroupDetail detail : details) {
      table.row(
          Names.brief(detail.name()),
          List.of(
              Figures.count(detail.before().channels()),
              mean(detail.before()),
              Figures.count(detail.after().channels()),
              mean(detail.after())));
    }
    table.close();
  }

  /** Mean absolute value of the cells that are not on the diagonal. */
  private static String mean(SimilarityMap map) {
    double sum = 0;
    for (int i = 0; i < map.cells().length; i++) {
      sum += i % (map.side() + 1) == 0 ? 0 : Math.abs(map.cells()[i]);
    }
    int cells = map.side() * (map.side() - 1);
    return cells == 0 ? "–" : String.format(Locale.ROOT, "%.3f", sum / Byte.MAX_VALUE / cells);
  }
}
