package dev.pleat.report.markup;

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
}
