package dev.pleat.onnx.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class FidelityTallyTest {
  private static final int PLACES = 50;

  /**
   * A detector: two rows of coordinates in pixels and some of scores, which the folded has lost.
   */
  private static double lost(int scores, double pixels, boolean placesFirst) {
    Random random = new Random(7);
    FidelityTally tally = new FidelityTally();
    int kinds = 2 + scores;
    for (int s = 0; s < 40; s++) {
      float[] original = new float[kinds * PLACES];
      float[] folded = new float[kinds * PLACES];
      for (int kind = 0; kind < kinds; kind++) {
        for (int place = 0; place < PLACES; place++) {
          int at = placesFirst ? place * kinds + kind : kind * PLACES + place;
          original[at] = (float) ((kind < 2 ? pixels : 1) * random.nextDouble());
          folded[at] = kind < 2 ? original[at] : 0.5f;
        }
      }
      tally.add(
          original, folded, 0, placesFirst ? new int[] {PLACES, kinds} : new int[] {kinds, PLACES});
    }
    assertThat(tally.isMeasured()).isTrue();
    return tally.error();
  }

  @Test
  void scores_that_are_lost_count_as_much_as_coordinates_that_are_not() {
    assertThat(lost(4, 300, false)).isCloseTo(4.0 / 6, within(0.05));
    assertThat(lost(4, 300, true)).isCloseTo(4.0 / 6, within(0.05));
    assertThat(lost(1, 300, true)).isCloseTo(1.0 / 3, within(0.05));
  }

  @Test
  void values_of_one_unit_are_summed_as_they_are() {
    assertThat(lost(4, 2, false)).isCloseTo(4.0 / 12, within(0.05));
  }

  @Test
  void no_numbers_at_all_are_worse_than_anything() {
    FidelityTally tally = new FidelityTally();
    tally.add(new float[] {1, 2}, new float[] {Float.NaN, 2}, 0, new int[] {2});
    tally.add(new float[] {2, 1}, new float[] {2, 1}, 0, new int[] {2});

    assertThat(tally.error()).isInfinite();
  }
}
