package dev.pleat.report.part;

import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;

/** Every group as a bar: its width before as an outline, its width after as the filling. */
public final class WidthBars {
  private static final int MOST = 300;

  private WidthBars() {}

  /**
   * A group.
   *
   * @param details the rest of its row in the table
   */
  public record Bar(String name, int before, int after, boolean frozen, List<String> details) {}

  /**
   * Draws the section.
   *
   * @param after what the filling is, such as {@code folded}
   * @param headings of the details
   */
  public static void draw(Html html, List<Bar> bars, String after, List<String> headings) {
    Section.open(
        html,
        "layers",
        "Layers",
        "Each bar is a group of tensor axes that shrink together: outline original, filling %s.%s"
            .formatted(after, Sample.note(bars, MOST)));
    double widest = bars.stream().mapToInt(Bar::before).max().orElse(1);
    html.open("ol", "class", bars.size() > 16 ? "rows long" : "rows");
    for (Bar bar : Sample.of(bars, MOST)) {
      html.open("li")
          .element("bdi", Names.brief(bar.name()), "class", "name")
          .open("span", "class", bar.frozen() ? "bar frozen" : "bar", "aria-hidden", "true")
          .open("span", "class", "was", "style", Css.width(bar.before() / widest))
          .close()
          .open("span", "class", "now", "style", Css.width(bar.after() / widest))
          .close()
          .close()
          .element("span", figure(bar), "class", "figure")
          .close();
    }
    html.close();
    DataTable table = DataTable.open(html, "All groups in figures", headings);
    for (Bar bar : bars) {
      table.row(Names.brief(bar.name()), bar.details());
    }
    table.close();
    html.close();
  }

  private static String figure(Bar bar) {
    String before = Figures.count(bar.before());
    if (bar.frozen()) {
      return before + " frozen";
    }
    return bar.after() == bar.before() ? before : before + " → " + Figures.count(bar.after());
  }
}
