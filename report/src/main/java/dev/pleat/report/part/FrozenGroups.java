package dev.pleat.report.part;

import dev.pleat.core.report.InspectReport.Frozen;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;

/** What could not fold, and why. */
public final class FrozenGroups {
  /** More than these are folded away. */
  private static final int FEW = 12;

  private FrozenGroups() {}

  /** Draws the section; nothing where everything can fold. */
  public static void draw(Html html, List<Frozen> frozen) {
    if (frozen.isEmpty()) {
      return;
    }
    Section.open(html, "frozen", "Frozen", "Groups that cannot become narrower, and why.");
    list(html, frozen.subList(0, Math.min(FEW, frozen.size())));
    if (frozen.size() > FEW) {
      List<Frozen> more = frozen.subList(FEW, frozen.size());
      html.open("details", "class", "data")
          .element("summary", "%s more".formatted(Figures.count(more.size())));
      list(html, more);
      html.close();
    }
    html.close();
  }

  private static void list(Html html, List<Frozen> frozen) {
    html.open("dl", "class", "reasons");
    for (Frozen group : frozen) {
      html.open("div")
          .open("dt")
          .element("bdi", Names.brief(group.name()))
          .text(", %s channels".formatted(Figures.count(group.width())))
          .close()
          .element("dd", group.reason())
          .close();
    }
    html.close();
  }
}
