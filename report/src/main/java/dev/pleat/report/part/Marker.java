package dev.pleat.report.part;

import dev.pleat.report.markup.Html;

/** The mark and colour of a series: shapes tell series apart for who does not see the colours. */
final class Marker {
  private static final String[] SHAPES = {
    "M8 3a5 5 0 1 0 .01 0z",
    "M3.5 3.5h9v9h-9z",
    "M8 2.5l6 10.5h-12z",
    "M8 1.5l6.5 6.5-6.5 6.5-6.5-6.5z",
    "M8 13.5l6-10.5h-12z",
    "M6 2h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
  };

  private Marker() {}

  /** The style class of a series. */
  static String style(int series) {
    return "s" + series % SHAPES.length + (series / SHAPES.length % 2 == 0 ? "" : " hollow");
  }

  /** Draws the mark. */
  static void draw(Html html, int series) {
    html.open(
            "svg", "class", "mark " + style(series), "viewBox", "0 0 16 16", "aria-hidden", "true")
        .empty("path", "d", SHAPES[series % SHAPES.length])
        .close();
  }
}
