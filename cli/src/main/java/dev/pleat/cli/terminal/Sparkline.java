package dev.pleat.cli.terminal;

/** A curve in one short line of text. */
public final class Sparkline {
  private static final String LEVELS = "▁▂▃▄▅▆▇█";

  private Sparkline() {}

  /**
   * Draws values from 0 up to their largest. Values that are not finite are blank.
   *
   * @param width the most characters to use; of longer curves, evenly spaced values are drawn
   */
  public static String of(double[] values, int width) {
    int count = Math.min(values.length, width);
    double top = 0;
    for (double value : values) {
      top = Double.isFinite(value) ? Math.max(top, value) : top;
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int at = count == 1 ? 0 : Math.toIntExact((long) i * (values.length - 1) / (count - 1));
      line.append(level(values[at], top));
    }
    return line.toString();
  }

  private static char level(double value, double top) {
    if (!Double.isFinite(value)) {
      return ' ';
    }
    double share = top > 0 ? Math.clamp(value / top, 0.0, 1.0) : 0;
    return LEVELS.charAt((int) Math.round(share * (LEVELS.length() - 1)));
  }
}
