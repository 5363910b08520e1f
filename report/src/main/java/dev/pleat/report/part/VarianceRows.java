package dev.pleat.report.part;

import dev.pleat.core.report.GroupReport;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;
import java.util.Locale;

/** The variance that merged channels have left, before and after repair, against 1. */
public final class VarianceRows {
  private static final int MOST = 300;

  /** Ratios beyond are drawn at the edge. */
  private static final double WIDEST = 2;

  private static final double USUAL = 1.25;

  private VarianceRows() {}

  /** Draws the section; nothing where no group shrank, or nothing is known of variances. */
  public static void draw(Html html, List<GroupReport> groups) {
    if (groups.stream().allMatch(g -> isUnknown(g) || isOne(g))) {
      return;
    }
    Section.open(
        html,
        "variance",
        "Variance",
        "Variance of merged channels over that of the channels they replace: ring before repair, dot after it; the line is 1. Below it, signals fade from layer to layer.%s"
            .formatted(Sample.note(groups, MOST)));
    double end =
        Math.clamp(
            groups.stream()
                .mapToDouble(g -> Math.max(g.varianceRatio(), g.varianceRatioBefore()))
                .filter(Double::isFinite)
                .max()
                .orElse(1),
            USUAL,
            WIDEST);
    html.open("ol", "class", groups.size() > 16 ? "rows long" : "rows");
    for (GroupReport group : Sample.of(groups, MOST)) {
      double before = group.varianceRatioBefore();
      double after = group.varianceRatio();
      html.open("li")
          .element("bdi", Names.brief(group.name()), "class", "name")
          .open("span", "class", "axis", "aria-hidden", "true");
      mark(html, "one", 1 / end);
      double left = Math.clamp(Math.min(before, after) / end, 0.0, 1.0);
      double right = Math.clamp(Math.max(before, after) / end, 0.0, 1.0);
      if (Double.isFinite(left) && Double.isFinite(right)) {
        html.open(
                "span",
                "class",
                "span",
                "style",
                "left:%s;%s".formatted(Css.percent(left), Css.width(right - left)))
            .close();
        mark(html, "ring", before / end);
        mark(html, "dot", after / end);
      }
      html.close().element("span", ratio(before) + " → " + ratio(after), "class", "figure").close();
    }
    html.close();
    DataTable table =
        DataTable.open(
            html, "Variance ratios in figures", List.of("group", "before repair", "after repair"));
    groups.forEach(group ->
        table.row(
            Names.brief(group.name()),
            List.of(
                Figures.plain(group.varianceRatioBefore()), Figures.plain(group.varianceRatio()))));
    table.close();
    html.close();
  }

  private static boolean isUnknown(GroupReport group) {
    return Double.isNaN(group.varianceRatio());
  }

  private static boolean isOne(GroupReport group) {
    return group.varianceRatioBefore() == 1 && group.varianceRatio() == 1;
  }

  private static void mark(Html html, String kind, double at) {
    html.open("span", "class", kind, "style", "left:" + Css.percent(at)).close();
  }

  private static String ratio(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "–";
  }
}
