package dev.pleat.report.part;

import dev.pleat.core.report.InspectReport.Frozen;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import dev.pleat.report.markup.Names;
import java.util.List;

/** What could not fold, and why. */
public final class FrozenGroups {
  private FrozenGroups() {}

  /** Draws the section; nothing where everything can fold. */
  public static void draw(Html html, List<Frozen> frozen) {
    if (frozen.isEmpty()) {
      return;
    }
    Section.open(html, "frozen", "Frozen", "Groups that cannot become narrower, and why.");
    DataTable table = DataTable.show(html, "Frozen groups", List.of("group", "channels", "reason"));
    frozen.forEach(group ->
        table.row(
            Names.brief(group.name()), List.of(Figures.count(group.width()), group.reason())));
    table.close();
    html.close();
  }
}
