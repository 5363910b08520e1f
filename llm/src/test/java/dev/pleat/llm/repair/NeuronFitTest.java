package dev.pleat.llm.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.llm.run.HiddenStates;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeuronFitTest {
  private static final int HIDDEN = 12;
  private static final int NEURONS = 7;
  private static final int OUTPUTS = 9;

  private final SplittableRandom random = new SplittableRandom(5);

  private HiddenStates states(int rows, int width) {
    float[] values = new float[rows * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new HiddenStates(rows, width, values);
  }

  /** What a change of the projections adds to the outputs, each position times its scale. */
  private static HiddenStates outputs(
      DownProjection down, HiddenStates read, HiddenStates slopes, float[] scales, float[] change) {
    float[] outputs = new float[read.rows() * OUTPUTS];
    for (int p = 0; p < read.rows(); p++) {
      for (int j = 0; j < slopes.width(); j++) {
        float projected = 0;
        for (int i = 0; i < HIDDEN; i++) {
          projected += change[j * HIDDEN + i] * read.values()[p * HIDDEN + i];
        }
        for (int m = 0; m < OUTPUTS; m++) {
          outputs[p * OUTPUTS + m] +=
              scales[p]
                  * down.rows()[m * NEURONS + j % NEURONS]
                  * slopes.values()[p * slopes.width() + j]
                  * projected;
        }
      }
    }
    return new HiddenStates(read.rows(), OUTPUTS, outputs);
  }

  private static double energy(HiddenStates states) {
    double sum = 0;
    for (float value : states.values()) {
      sum += value * value;
    }
    return sum;
  }

  private static float[] scales(int rows) {
    float[] scales = new float[rows];
    for (int p = 0; p < rows; p++) {
      scales[p] = p % 3 == 0 ? 0.5F : 1;
    }
    return scales;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void what_the_outputs_lack_is_made_up_for_where_it_is_linear_in_the_projections(int inputs) {
    int rows = 1300;
    HiddenStates read = states(rows, HIDDEN);
    HiddenStates slopes = states(rows, NEURONS * inputs);
    DownProjection down = new DownProjection(OUTPUTS, NEURONS, states(OUTPUTS, NEURONS).values());
    float[] scales = scales(rows);
    float[] hidden = states(NEURONS * inputs, HIDDEN).values();
    HiddenStates lack = outputs(down, read, slopes, scales, hidden);

    float[] found = new NeuronFit(down, read, slopes, lack, scales).fit().orElseThrow();

    HiddenStates left = lack.plus(outputs(down, read, slopes, scales, found), -1);
    assertThat(energy(left)).isLessThan(0.01 * energy(lack));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void what_other_positions_do_not_confirm_changes_nothing(int inputs) {
    int rows = 96;
    HiddenStates lack = states(rows, OUTPUTS);
    Optional<float[]> found =
        new NeuronFit(
                new DownProjection(OUTPUTS, NEURONS, states(OUTPUTS, NEURONS).values()),
                states(rows, HIDDEN),
                states(rows, NEURONS * inputs),
                lack,
                scales(rows))
            .fit();

    assertThat(found).isEmpty();
  }
}
