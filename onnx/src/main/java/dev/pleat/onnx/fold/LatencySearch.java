package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.Latency;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** Finds the largest widths that run within a share of the original's time. */
final class LatencySearch {
  private static final int HALVINGS = 7;

  /** Room for the noise of measuring, as a share of the budget. */
  private static final double MARGIN = 0.03;

  private final WidthTrial trial;
  private final double share;
  private final Progress progress;

  LatencySearch(WidthTrial trial, double share, Progress progress) {
    this.trial = trial;
    this.share = share;
    this.progress = progress;
  }

  /** The widths, and how long they took. */
  record Found(int[] widths, Budget budget) {}

  private record Seen(int[] widths, double original, double folded) {
    double share() {
      return folded / original;
    }
  }

  /**
   * The widths.
   *
   * @param widths from the largest at 0 to the smallest at 1
   * @throws PleatException when the smallest are not fast enough; the message says what they take
   */
  Found run(DoubleFunction<int[]> widths) {
    progress.begin("time", HALVINGS + 1);
    Seen best = seen(widths.apply(1));
    if (!fits(best)) {
      throw new PleatException(
          String.format(
              Locale.ROOT,
              "--latency-budget %s: the smallest widths take %.2f of the original's time; the nearest is --latency-budget %.2f",
              share,
              best.share(),
              best.share() / (1 - MARGIN) + 0.01));
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double at = (low + high) / 2;
      Seen now = seen(widths.apply(at));
      if (fits(now)) {
        high = at;
        best = now;
      } else {
        low = at;
      }
    }
    return new Found(
        best.widths,
        new Budget("latency", best.original, share * best.original, best.folded, Optional.empty()));
  }

  private boolean fits(Seen seen) {
    return seen.share() <= share * (1 - MARGIN);
  }

  private Seen seen(int[] widths) {
    List<Latency> times = trial.time(List.of(widths));
    progress.step();
    return new Seen(widths, times.getFirst().median(), times.getLast().median());
  }
}
