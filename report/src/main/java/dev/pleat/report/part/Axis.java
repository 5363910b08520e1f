package dev.pleat.report.part;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One axis of a chart: where a value lies on it, and which round values to write beside it. */
final class Axis {
  private static final int TICKS = 5;
  private static final double[] ROUND = {1, 2, 5, 10};

  private final double from;
  private final double to;
  private final List<Double> ticks;
  private final boolean logarithmic;

  private Axis(double from, double to, List<Double> ticks, boolean logarithmic) {
    this.from = from;
    this.to = to;
    this.ticks = List.copyOf(ticks);
    this.logarithmic = logarithmic;
  }

  /** An axis with even steps from at most {@code least} to at least {@code most}, both finite. */
  static Axis linear(double least, double most) {
    double span = most > least ? most - least : Math.max(1e-9, Math.abs(most) / 10);
    double power = Math.pow(10, Math.floor(Math.log10(span / TICKS)));
    double step = 10 * power;
    for (double round : ROUND) {
      if (span / (round * power) <= TICKS) {
        step = round * power;
        break;
      }
    }
    long first = (long) Math.floor(least / step + 1e-9);
    long last = Math.max(first + 1, (long) Math.ceil(most / step - 1e-9));
    List<Double> ticks = new ArrayList<>();
    for (long t = first; t <= last; t++) {
      ticks.add(t * step);
    }
    return new Axis(ticks.getFirst(), ticks.getLast(), ticks, false);
  }

  /** An axis on which equal ratios are equally far apart, for finite values above 0. */
  static Axis logarithmic(double least, double most) {
    int step = 3 * (int) Math.floor(Math.log10(least));
    while (round(step + 1) <= least) {
      step++;
    }
    List<Double> ticks = new ArrayList<>();
    do {
      ticks.add(round(step++));
    } while (ticks.size() < 2 || ticks.getLast() < most);
    return new Axis(ticks.getFirst(), ticks.getLast(), ticks, true);
  }

  /** 1, 2, 5, 10, 20, 50, … from step 0 on. */
  private static double round(int step) {
    return ROUND[Math.floorMod(step, 3)] * Math.pow(10, Math.floorDiv(step, 3));
  }

  /** Where a value lies, 0 at the start and 1 at the end. */
  double at(double value) {
    return logarithmic
        ? Math.log(value / from) / Math.log(to / from)
        : (value - from) / (to - from);
  }

  /**
   * A tick as it is written, with no more decimals than tell it from the others.
   *
   * @param unit what 1 is written as, such as 100 for percent
   */
  String label(double tick, double unit) {
    double finest = unit * (logarithmic ? from : ticks.get(1) - from);
    int decimals = Math.max(0, (int) Math.ceil(-Math.log10(finest) - 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", unit * tick);
  }

  /** Round values, rising. */
  List<Double> ticks() {
    return ticks;
  }
}
