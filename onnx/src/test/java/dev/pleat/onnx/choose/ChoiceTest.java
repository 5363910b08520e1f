package dev.pleat.onnx.choose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.run.TensorValue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChoiceTest {

  @Test
  void every_class_names_the_input_that_is_most_of_it() {
    List<float[]> rows =
        List.of(
            new float[] {0.9f, 0.1f},
            new float[] {0.8f, 0.2f},
            new float[] {0.7f, 0.3f},
            new float[] {0.6f, 0.4f});

    assertThat(Choice.of(rows, 2)).containsExactly(0, 3);
  }

  @Test
  void inputs_that_give_no_numbers_are_never_chosen() {
    List<float[]> rows = List.of(new float[0], new float[] {0.2f, 0.8f}, new float[] {0.9f, 0.1f});

    assertThat(Choice.of(rows, 3)).containsExactly(1, 2);
  }

  @Test
  void enough_are_chosen_where_the_network_says_the_same_of_all() {
    List<float[]> rows = List.of(new float[] {1}, new float[] {1}, new float[] {1});

    assertThat(Choice.of(rows, 2)).hasSize(2);
  }

  @Test
  void scores_become_probabilities_and_maps_their_peaks() {
    TensorValue scores = new TensorValue.Floats(new long[] {2, 2}, new float[] {3, 3, 5, -900});
    TensorValue map =
        new TensorValue.Floats(
            new long[] {2, 1, 2, 2}, new float[] {1, 2, 3, 4, Float.NaN, 0, 0, 0});

    assertThat(Peaks.of(Map.of("scores", scores), 2).getFirst()).containsExactly(0.5f, 0.5f);
    List<float[]> peaks = Peaks.of(Map.of("map", map), 2);
    assertThat(peaks.getFirst()).containsExactly(2, 4, 3, 4);
    assertThat(peaks.getLast()).isEmpty();
  }
}
