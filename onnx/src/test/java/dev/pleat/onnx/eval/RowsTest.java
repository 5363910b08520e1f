package dev.pleat.onnx.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.onnx.run.TensorValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RowsTest {
  private static TensorValue floats(long... shape) {
    return new TensorValue.Floats(shape, new float[TensorValue.elements(shape)]);
  }

  private static Rows rows(float... values) {
    return new Rows("out", new long[] {1, values.length}, values, values.length);
  }

  @Test
  void the_first_output_that_classifies_is_judged() {
    Map<String, TensorValue> outputs = new LinkedHashMap<>();
    outputs.put("count", new TensorValue.Integers(new long[] {2, 3}, new long[6]));
    outputs.put("features", floats(2, 8, 4, 4));
    outputs.put("logits", floats(2, 10));
    assertThat(Rows.of(outputs, Optional.empty()).name()).isEqualTo("logits");
    assertThat(Rows.of(outputs, Optional.of("features")).width()).isEqualTo(4);
    assertThatThrownBy(() -> Rows.of(outputs, Optional.of("count")))
        .hasMessageContaining("no floating-point output 'count'");
    outputs.remove("logits");
    assertThat(Rows.of(outputs, Optional.empty()).name()).isEqualTo("features");
  }

  @Test
  void one_pixel_counts_as_none_in_both_layouts() {
    Rows first = Rows.of(Map.of("out", floats(2, 10, 1, 1)), Optional.empty());
    Rows last = Rows.of(Map.of("out", floats(2, 1, 1, 10)), Optional.empty());
    assertThat(first.width()).isEqualTo(10);
    assertThat(last.width()).isEqualTo(10);
    assertThat(first.classifies() && last.classifies()).isTrue();
  }

  @Test
  void a_sequence_has_a_row_for_each_token() {
    Rows rows = Rows.of(Map.of("out", floats(2, 5, 7)), Optional.empty());
    assertThat(rows.count()).isEqualTo(10);
    assertThat(rows.width()).isEqualTo(7);
    assertThat(rows.classifies()).isFalse();
  }

  @Test
  void equal_values_rank_by_their_place() {
    Rows rows = rows(1, 3, 3, 2);
    assertThat(rows.argmax(0)).isEqualTo(1);
    assertThat(rows.rank(0, 1)).isZero();
    assertThat(rows.rank(0, 2)).isEqualTo(1);
    assertThat(rows.rank(0, 0)).isEqualTo(3);
  }

  @Test
  void padding_is_cut_off() {
    Rows rows = new Rows("out", new long[] {3, 2}, new float[] {1, 2, 3, 4, 9, 9}, 2).first(2, 3);
    assertThat(rows.values()).containsExactly(1, 2, 3, 4);
    assertThat(rows.shape()).containsExactly(2, 2);
    assertThatThrownBy(() -> rows.first(1, 5)).hasMessageContaining("batch of 5");
  }

  @Test
  void the_first_broken_entry_is_found_and_masked_logits_are_not_broken() {
    long[] shape = {3, 2};
    float[] values = {1, Float.NEGATIVE_INFINITY, 3, 4, 5, Float.NaN};
    assertThat(new Rows("out", shape, values, 2).firstBroken()).isEqualTo(2);
    values[3] = Float.POSITIVE_INFINITY;
    assertThat(new Rows("out", shape, values, 2).firstBroken()).isEqualTo(1);
    assertThat(rows(1, Float.NEGATIVE_INFINITY).firstBroken()).isEqualTo(-1);
  }

  @Test
  void masked_logits_give_a_finite_agreement() {
    AgreementTally tally = new AgreementTally();
    tally.add(rows(1, Float.NEGATIVE_INFINITY, 2), rows(1, Float.NEGATIVE_INFINITY, 2));
    assertThat(tally.agreement().klDivergence()).isZero();
    assertThat(tally.agreement().maxAbsDifference()).isZero();
  }

  @Test
  void every_output_counts_for_the_largest_difference() {
    AgreementTally tally = new AgreementTally();
    tally.add(rows(1, 2), rows(1, 2));
    TensorValue boxes = new TensorValue.Floats(new long[] {1, 1, 2}, new float[] {3, Float.NaN});
    TensorValue moved = new TensorValue.Floats(new long[] {1, 1, 2}, new float[] {5, Float.NaN});
    TensorValue filled = new TensorValue.Floats(new long[] {1, 1, 2}, new float[] {3, 3});
    tally.addAll(Map.of("boxes", boxes, "scores", filled), Map.of("boxes", moved));
    assertThat(tally.agreement().maxAbsDifference()).isEqualTo(2);
    assertThatThrownBy(() -> tally.addAll(Map.of("boxes", boxes), Map.of("boxes", filled)))
        .hasMessageContainingAll("--against gives NaN", "'boxes'");
    assertThatThrownBy(() -> tally.addAll(Map.of(), Map.of("boxes", moved)))
        .hasMessageContainingAll("--against", "'boxes'");
  }
}
