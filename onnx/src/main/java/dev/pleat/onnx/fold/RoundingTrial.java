package dev.pleat.onnx.fold;

import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.report.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Finds the multiple at whose widths a model runs fastest. */
final class RoundingTrial {
  private static final int[] MULTIPLES = {1, 4, 8, 16, 32};

  /** A coarser rounding has to be faster by more than this to be worth its missed widths. */
  private static final double WORTH = 0.97;

  private final WidthTrial trial;
  private final Progress progress;

  RoundingTrial(WidthTrial trial, Progress progress) {
    this.trial = trial;
    this.progress = progress;
  }

  /** The multiple, and what was measured. */
  record Choice(Rounding rounding, String reason) {}

  /**
   * The best multiple.
   *
   * @param widths what the target makes of each
   */
  Choice choose(Function<Rounding, int[]> widths) {
    progress.begin("round", 1);
    List<int[]> choices = new ArrayList<>();
    for (int multiple : MULTIPLES) {
      choices.add(widths.apply(new Rounding.Multiple(multiple)));
    }
    List<Latency> times = trial.time(choices);
    int best = 0;
    for (int c = 1; c < MULTIPLES.length; c++) {
      if (milliseconds(times, c) < WORTH * milliseconds(times, best)) {
        best = c;
      }
    }
    progress.step();
    String seen =
        IntStream.range(0, MULTIPLES.length)
            .mapToObj(c ->
                String.format(Locale.ROOT, "%d: %.2f ms", MULTIPLES[c], milliseconds(times, c)))
            .collect(Collectors.joining(", "));
    return new Choice(
        new Rounding.Multiple(MULTIPLES[best]),
        "measured with a batch of %d: %s".formatted(times.getFirst().batch(), seen));
  }

  private static double milliseconds(List<Latency> times, int choice) {
    return times.get(choice + 1).median();
  }
}
