package dev.pleat.report.figures;

import java.util.Locale;

/** Numbers as people read them; the same in every locale. */
public final class Figures {
  private static final String UNKNOWN = "-";

  private Figures() {}

  /** Grouped digits: {@code 2,797,610}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Bytes in decimal units: {@code 11.22 MB}. */
  public static String bytes(long value) {
    return scaled(value, "B");
  }

  /** Floating-point operations in decimal units: {@code 1.13 GFLOP}. */
  public static String flops(long value) {
    return scaled(value, "FLOP");
  }

  /** A share in percent, {@code 93.07 %}; a dash when it is not a number. */
  public static String percent(double share) {
    return Double.isNaN(share) ? UNKNOWN : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** How much was removed, {@code -74.6 %}, or added, {@code +3.0 %}. */
  public static String removed(double share) {
    return String.format(Locale.ROOT, "%+.1f %%", share == 0 ? 0.0 : -100 * share);
  }

  /** Milliseconds: {@code 2.31 ms}. */
  public static String milliseconds(double value) {
    return Double.isNaN(value) ? UNKNOWN : String.format(Locale.ROOT, "%.2f ms", value);
  }

  /** Four significant digits: {@code 0.9812}, {@code 1.234e-07}. */
  public static String plain(double value) {
    if (Double.isNaN(value)) {
      return UNKNOWN;
    }
    double size = Math.abs(value);
    boolean ordinary = size == 0 || (size >= 1e-3 && size < 1e7);
    return String.format(Locale.ROOT, ordinary ? (size < 100 ? "%.4f" : "%,.1f") : "%.3e", value);
  }

  private static String scaled(long value, String unit) {
    String[] prefixes = {"", "k", "M", "G", "T", "P", "E"};
    double rest = value;
    int power = 0;
    while (rest >= 999.5 && power < prefixes.length - 1) {
      rest /= 1000;
      power++;
    }
    return power == 0
        ? value + " " + unit
        : String.format(Locale.ROOT, "%.2f %s%s", rest, prefixes[power], unit);
  }
}
