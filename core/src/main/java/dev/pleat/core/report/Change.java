package dev.pleat.core.report;

/** A quantity before and after folding. */
public record Change(long before, long after) {

  /** The share that was removed, in [0, 1] when the quantity did not grow; 0 for nothing at all. */
  public double removed() {
    return before == 0 ? 0 : 1 - (double) after / before;
  }
}
