package dev.pleat.report.part;

import dev.pleat.core.report.Change;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.Html;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * One figure, large.
 *
 * @param label what it is
 * @param value the figure
 * @param change how much folding changed it, empty where it did not
 * @param note what to compare it with
 * @param left share of the original that is left, drawn as a bar; empty for none
 */
public record Tile(String label, String value, String change, String note, Optional<Double> left) {
  private static final int MOST_IN_A_ROW = 5;

  /** A figure by itself. */
  public static Tile of(String label, String value, String note) {
    return new Tile(label, value, "", note, Optional.empty());
  }

  /** A quantity that folding changed. */
  public static Tile of(String label, Change change, LongFunction<String> figure) {
    return of(label, figure.apply(change.before()), figure.apply(change.after()), change.removed());
  }

  /**
   * A quantity that folding changed.
   *
   * @param removed the share of it that is gone
   */
  public static Tile of(String label, String before, String after, double removed) {
    return new Tile(label, after, percent(removed), "was " + before, Optional.of(1 - removed));
  }

  /** How much was removed, with a real minus sign. */
  static String percent(double removed) {
    return Figures.removed(removed).replace('-', '−');
  }

  /** Draws tiles in a row, or in two where there are many. */
  public static void draw(Html html, List<Tile> tiles) {
    int columns = tiles.size() <= MOST_IN_A_ROW ? tiles.size() : (tiles.size() + 1) / 2;
    html.open("ul", "class", "tiles", "style", "--columns:" + columns);
    for (Tile tile : tiles) {
      int unit = tile.value().lastIndexOf(' ');
      html.open("li", "class", "tile")
          .element("span", tile.label(), "class", "label")
          .open("strong")
          .text(unit < 0 ? tile.value() : tile.value().substring(0, unit));
      if (unit >= 0) {
        html.element("small", tile.value().substring(unit));
      }
      html.close().open("span", "class", "note");
      if (!tile.change().isEmpty()) {
        html.element("b", tile.change()).text(" ");
      }
      html.element("span", tile.note()).close();
      tile.left()
          .ifPresent(left ->
              html.open("span", "class", "track", "aria-hidden", "true")
                  .open("span", "class", "now", "style", Css.width(left))
                  .close()
                  .close());
      html.close();
    }
    html.close();
  }
}
