package dev.pleat.report.markup;

import java.util.List;
import java.util.stream.IntStream;

/** Names from files as a page can hold them. */
public final class Names {
  private static final int HEAD = 80;
  private static final int TAIL = 39;

  private Names() {}

  /** The name, its middle left out when it is longer than 120 characters. */
  public static String brief(String name) {
    int length = name.codePointCount(0, name.length());
    return length <= HEAD + 1 + TAIL
        ? name
        : name.substring(0, name.offsetByCodePoints(0, HEAD))
            + "…"
            + name.substring(name.offsetByCodePoints(name.length(), -TAIL));
  }

  /** At most so many of the items, evenly spaced, the first among them. */
  public static <T> List<T> some(List<T> all, int most) {
    return all.size() <= most
        ? all
        : IntStream.range(0, most)
            .mapToObj(i -> all.get(Math.toIntExact((long) i * all.size() / most)))
            .toList();
  }

  /** Says when only some of the items are drawn; empty otherwise. */
  public static String drawn(int all, int most, String items) {
    return all <= most ? "" : " Drawn are %s of %s %s, evenly spaced.".formatted(most, all, items);
  }
}
