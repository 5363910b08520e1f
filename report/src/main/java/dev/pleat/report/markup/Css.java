package dev.pleat.report.markup;

import java.util.Locale;

/** Values as style sheets write them. */
public final class Css {
  private Css() {}

  /** A share in [0, 1], those beyond at its ends: {@code 12.50%}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * Math.clamp(share, 0.0, 1.0));
  }

  /** A share in [0, 1] as the width of a bar. */
  public static String width(double share) {
    return "width:" + percent(share);
  }
}
