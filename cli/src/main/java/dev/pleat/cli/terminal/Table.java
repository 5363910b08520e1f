package dev.pleat.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** A table in plain text: the first column starts left, the others end right, unless told. */
public final class Table {
  private static final String GAP = "  ";

  private final List<String> header;
  private final boolean[] left;
  private final List<List<String>> rows = new ArrayList<>();

  /** An empty table under these headings; a heading that ends in {@code <} starts left. */
  public Table(String... headings) {
    left = new boolean[headings.length];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < headings.length; i++) {
      left[i] = i == 0 || headings[i].endsWith("<");
      names.add(headings[i].endsWith("<") ? headings[i].replaceFirst("<$", "") : headings[i]);
    }
    header = List.copyOf(names);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException when it has more or fewer cells than there are headings
   */
  public Table row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells under %d headings".formatted(cells.length, header.size()));
    }
    rows.add(List.of(cells));
    return this;
  }

  /** The lines, headings first, without trailing blanks. */
  public List<String> lines() {
    int[] widths = new int[header.size()];
    List<List<String>> all = new ArrayList<>();
    all.add(header);
    all.addAll(rows);
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], length(row.get(i)));
      }
    }
    return all.stream().map(row -> line(row, widths)).toList();
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String blanks = " ".repeat(widths[i] - length(row.get(i)));
      line.append(i == 0 ? "" : GAP)
          .append(left[i] ? "" : blanks)
          .append(row.get(i))
          .append(left[i] ? blanks : "");
    }
    return line.toString().stripTrailing();
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
