package dev.pleat.core.budget;

/** What a choice of widths costs, exactly. Never falls when a width grows. */
public interface Cost {

  /** The cost when group g keeps {@code widths[g]} channels. */
  long of(int[] widths);

  /** That part of the cost that depends on one group's width, and perhaps on others' too. */
  long part(int group, int[] widths);
}
