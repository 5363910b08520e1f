package dev.pleat.report.part;

import dev.pleat.core.report.ClusterCount;
import dev.pleat.report.figures.Figures;
import dev.pleat.report.markup.Css;
import dev.pleat.report.markup.DataTable;
import dev.pleat.report.markup.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many clusters of which size there are, over all groups. */
public final class ClusterHistogram {
  /** Sizes up to here have a column of their own; above, columns double. */
  private static final int SINGLE = 4;

  private ClusterHistogram() {}

  private record Column(int from, int to, long clusters) {
    private String label() {
      return from == to ? Figures.count(from) : Figures.count(from) + "–" + Figures.count(to);
    }
  }

  /** Draws the section; nothing without clusters. */
  public static void draw(Html html, List<ClusterCount> counts) {
    List<Column> columns = columns(counts);
    if (columns.isEmpty()) {
      return;
    }
    Section.open(
        html,
        "clusters",
        "Clusters",
        "How many channels went into each merged one, over all groups that shrank. A cluster of one channel is a channel that was kept as it is.");
    double most = columns.stream().mapToLong(Column::clusters).max().orElse(1);
    html.open("ul", "class", "columns");
    for (Column column : columns) {
      html.open("li").element("span", Figures.count(column.clusters()), "class", "figure");
      if (column.clusters() > 0) {
        String height = "height:" + Css.percent(column.clusters() / most);
        html.open("span", "class", "now", "style", height, "aria-hidden", "true").close();
      }
      html.element("span", column.label() + (column.to() == 1 ? " channel" : ""), "class", "label")
          .close();
    }
    html.close();
    DataTable table =
        DataTable.open(
            html, "Cluster sizes in figures", List.of("channels in a cluster", "clusters"));
    counts.forEach(count ->
        table.row(Figures.count(count.members()), List.of(Figures.count(count.clusters()))));
    table.close();
    html.close();
  }

  /** Columns without gaps up to the largest size. */
  private static List<Column> columns(List<ClusterCount> counts) {
    int largest = counts.stream().mapToInt(ClusterCount::members).max().orElse(0);
    List<Column> columns = new ArrayList<>();
    int from = 1;
    while (from <= largest) {
      int to = from <= SINGLE ? from : Math.multiplyExact(2, from - 1);
      columns.add(new Column(from, to, clusters(counts, from, to)));
      from = to + 1;
    }
    return columns;
  }

  private static long clusters(List<ClusterCount> counts, int from, int to) {
    return counts.stream()
        .filter(count -> count.members() >= from && count.members() <= to)
        .mapToLong(ClusterCount::clusters)
        .sum();
  }

  /** The counts of several groups together, sizes rising. */
  public static List<ClusterCount> sum(List<ClusterCount> counts) {
    Map<Integer, Integer> sums = new TreeMap<>();
    counts.forEach(count -> sums.merge(count.members(), count.clusters(), Math::addExact));
    return sums.entrySet().stream()
        .map(entry -> new ClusterCount(entry.getKey(), entry.getValue()))
        .toList();
  }
}
