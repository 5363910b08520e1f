package dev.pleat.report.part;

import java.util.ArrayList;
import java.util.List;

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

  /** An axis on which equal ratios are equally far apart, for values above 0. */
  static Axis logarithmic(double least, double most) {
    List<Double> ticks = new ArrayList<>();
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double tick = power;
    for (int i = 0; tick < most || ticks.size() < 2; i++) {
      tick = Math.pow(10, i / 3) * ROUND[i % 3] * power;
      if (tick > least && ticks.isEmpty() && i > 0) {
        ticks.add(Math.pow(10, (i - 1) / 3) * ROUND[(i - 1) % 3] * power);
      }
      if (!ticks.isEmpty() || tick >= least) {
        ticks.add(tick);
      }
    }
    return new Axis(ticks.getFirst(), ticks.getLast(), ticks, true);
  }

  /** Where a value lies, 0 at the start and 1 at the end. */
  double at(double value) {
    return logarithmic
        ? Math.log(value / from) / Math.log(to / from)
        : (value - from) / (to - from);
  }

  /** Round values, rising. */
  List<Double> ticks() {
    return ticks;
  }
}
