package dev.pleat.core.cluster;

import dev.pleat.core.PleatException;

/** The range check of a width that is asked for. */
final class Widths {
  private Widths() {}

  static void check(int k, int n) {
    if (k < 1 || k > n) {
      throw new PleatException("width " + k + " asked of " + n + " channels; take 1 to " + n);
    }
  }
}
