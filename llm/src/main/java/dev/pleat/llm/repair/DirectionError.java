package dev.pleat.llm.repair;

import dev.pleat.llm.run.HiddenStates;

/** How much hidden states differ to what comes after a normalisation. */
final class DirectionError {
  private DirectionError() {}

  /** The mean of the squared distances between the directions of vectors, in [0, 4]. */
  static double distance(HiddenStates a, HiddenStates b) {
    double sum = 0;
    for (int p = 0; p < a.rows(); p++) {
      double aa = 0;
      double bb = 0;
      double ab = 0;
      for (int i = p * a.width(); i < (p + 1) * a.width(); i++) {
        double x = a.values()[i];
        double y = b.values()[i];
        aa += x * x;
        bb += y * y;
        ab += x * y;
      }
      double cosine = ab / Math.sqrt(aa * bb);
      sum += Double.isFinite(cosine) ? Math.max(0, 2 - 2 * cosine) : aa == bb ? 0 : 4;
    }
    return sum / a.rows();
  }
}
