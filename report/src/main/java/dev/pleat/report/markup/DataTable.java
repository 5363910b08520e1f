package dev.pleat.report.markup;

import java.util.List;

/** The figures behind a drawing, folded away until somebody asks. */
public final class DataTable {
  private final Html html;

  private DataTable(Html html) {
    this.html = html;
  }

  /**
   * Begins a table that is folded away.
   *
   * @param caption what it holds
   * @param headings of its columns; the first column names the row
   */
  public static DataTable open(Html html, String caption, List<String> headings) {
    html.open("details", "class", "data").element("summary", caption);
    return begin(html, caption, headings);
  }

  /** Begins a table that is in sight. */
  public static DataTable show(Html html, String caption, List<String> headings) {
    html.open("div", "class", "data");
    return begin(html, caption, headings);
  }

  private static DataTable begin(Html html, String caption, List<String> headings) {
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption)
        .open("table")
        .open("thead")
        .open("tr");
    headings.forEach(heading -> html.element("th", heading, "scope", "col"));
    html.close().close().open("tbody");
    return new DataTable(html);
  }

  /** A row, the cells in the order of the headings. */
  public DataTable row(String name, List<String> cells) {
    html.open("tr").element("th", name, "scope", "row");
    cells.forEach(cell -> html.element("td", cell));
    html.close();
    return this;
  }

  /** Ends the table. */
  public void close() {
    html.close().close().close().close();
  }
}
