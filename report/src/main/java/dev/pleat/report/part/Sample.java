package dev.pleat.report.part;

import java.util.List;
import java.util.stream.IntStream;

/** Which of very many groups are drawn. */
final class Sample {
  private Sample() {}

  /** At most so many of the items, evenly spaced, the first among them. */
  static <T> List<T> of(List<T> all, int most) {
    return all.size() <= most
        ? all
        : IntStream.range(0, most)
            .mapToObj(i -> all.get(Math.toIntExact((long) i * all.size() / most)))
            .toList();
  }

  /** Says when not all groups are drawn, with a blank before it; empty otherwise. */
  static String note(List<?> all, int most) {
    return all.size() <= most
        ? ""
        : " Drawn are %s of %s groups, evenly spaced.".formatted(most, all.size());
  }
}
