package dev.pleat.llm.repair;

import dev.pleat.llm.run.HiddenStates;
import java.util.Arrays;

/**
 * What an error at each position is to be multiplied with: 1, and less where the residual stream is
 * much longer than usual. Whatever reads the stream reads it normalised, and the first token of a
 * text, where it can be a hundred times as long as elsewhere, would outweigh all others.
 */
final class PositionScales {
  /** In units of the median length. */
  private static final float LONG = 2;

  private PositionScales() {}

  /**
   * The scales of all positions.
   *
   * @param stream the residual stream behind what is compared, [positions, hidden]
   */
  static float[] of(HiddenStates stream) {
    float[] lengths = stream.lengths();
    float[] sorted = lengths.clone();
    Arrays.sort(sorted);
    float most = LONG * sorted[sorted.length / 2];
    float[] scales = new float[lengths.length];
    for (int p = 0; p < scales.length; p++) {
      scales[p] = lengths[p] > most ? most / lengths[p] : 1;
    }
    return scales;
  }
}
