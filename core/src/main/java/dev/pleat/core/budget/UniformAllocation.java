package dev.pleat.core.budget;

import java.util.Optional;
import java.util.function.DoubleFunction;

/** Takes the same share of every group's channels, as little as a budget allows. */
public final class UniformAllocation {
  private static final int HALVINGS = 60;

  private UniformAllocation() {}

  /**
   * The widths.
   *
   * <p>The share that just fits is found by bisection. Where several groups would shrink by a step
   * at that share, those first in order that still fit do not.
   *
   * @param kept widths by the share that every group loses, in [0, 1]
   * @param most what the widths may cost
   * @return nothing where even the smallest widths cost more
   */
  public static Optional<int[]> of(DoubleFunction<int[]> kept, Cost cost, long most) {
    if (cost.of(kept.apply(1)) > most) {
      return Optional.empty();
    }
    if (cost.of(kept.apply(0)) <= most) {
      return Optional.of(kept.apply(0));
    }
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      if (cost.of(kept.apply(middle)) <= most) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return Optional.of(grown(kept.apply(high), kept.apply(low), cost, most));
  }

  private static int[] grown(int[] fitting, int[] larger, Cost cost, long most) {
    int[] widths = fitting.clone();
    long sum = cost.of(widths);
    for (int g = 0; g < widths.length; g++) {
      // What a group's tensors cost is all that its width changes.
      long before = cost.part(g, widths);
      widths[g] = larger[g];
      long after = sum - before + cost.part(g, widths);
      if (after > most) {
        widths[g] = fitting[g];
      } else {
        sum = after;
      }
    }
    return widths;
  }
}
