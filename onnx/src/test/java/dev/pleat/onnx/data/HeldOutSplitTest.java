package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.run.TensorValue;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeldOutSplitTest {

  /** Inputs that are their own numbers. */
  private static HeldInputs numbers(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return new HeldInputs("numbers", "x", new TensorValue.Floats(new long[] {count, 1}, values));
  }

  private static float[] values(CalibrationInputs inputs, int from, int to) {
    Map<String, TensorValue> batch = inputs.batch(from, to);
    return batch.get("x") instanceof TensorValue.Floats floats ? floats.values() : new float[0];
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11, 49, 64, 250, 1024})
  void a_fifth_is_held_out_and_nothing_is_on_both_sides(int count) {
    HeldOutSplit split = HeldOutSplit.of(numbers(count), 1).orElseThrow();

    Set<Float> seen = new HashSet<>();
    for (CalibrationInputs part : java.util.List.of(split.fitted(), split.heldOut())) {
      float[] values = values(part, 0, part.count());
      assertThat(values).hasSize(part.count()).isSorted();
      for (float value : values) {
        assertThat(seen.add(value)).isTrue();
      }
    }
    assertThat(seen).hasSize(count);
    assertThat((double) split.heldOut().count() / count).isBetween(0.15, 0.25);
  }

  @Test
  void what_is_held_out_is_spread_in_runs_over_the_whole_set() {
    CalibrationInputs held = HeldOutSplit.of(numbers(500), 1).orElseThrow().heldOut();

    float[] values = values(held, 0, held.count());
    assertThat(values[0]).isLessThan(50);
    assertThat(values[values.length - 1]).isGreaterThan(450);
    assertThat(values).hasSize(100);
    for (int run = 0; run < 10; run++) {
      assertThat(values[10 * run]).isBetween(50f * run, 50f * run + 40);
      assertThat(values[10 * run + 9] - values[10 * run]).isEqualTo(9);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 7, 10, 12})
  void of_kinds_that_take_turns_every_one_is_held_out(int kinds) {
    CalibrationInputs held = HeldOutSplit.of(numbers(300), 1).orElseThrow().heldOut();

    Set<Integer> seen = new HashSet<>();
    for (float value : values(held, 0, held.count())) {
      seen.add((int) value % kinds);
    }
    assertThat(seen).hasSize(kinds);
  }

  @Test
  void too_few_inputs_are_not_split() {
    assertThat(HeldOutSplit.of(numbers(9), 1)).isEmpty();
    assertThat(HeldOutSplit.of(numbers(64), 64)).isEmpty();
    assertThat(HeldOutSplit.of(numbers(64), 32)).isPresent();
  }
}
