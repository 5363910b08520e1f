package dev.pleat.core.unite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorUnionTest {
  private static Slot slot(int axis, Role role, int partitions, int... channels) {
    return new Slot("w", axis, role, channels, partitions);
  }

  private static Tensor matrix(int rows, int columns, float... values) {
    return new Tensor(new int[] {rows, columns}, values);
  }

  @Test
  void rows_of_one_network_read_its_own_columns_only() {
    Tensor union =
        TensorUnion.of(
            "w",
            List.of(matrix(2, 2, 1, 2, 3, 4), matrix(2, 2, 5, 6, 7, 8)),
            List.of(slot(0, Role.PRODUCER, 1, 0, 1), slot(1, Role.CONSUMER, 1, 0, 1)));

    assertThat(union.shape()).containsExactly(4, 4);
    assertThat(union.values()).containsExactly(1, 0, 2, 0, 0, 5, 0, 6, 3, 0, 4, 0, 0, 7, 0, 8);
  }

  @Test
  void what_makes_no_channel_gives_the_mean_of_the_networks() {
    Tensor union =
        TensorUnion.of(
            "w",
            List.of(matrix(1, 2, 1, 2), matrix(1, 2, 5, 6)),
            List.of(slot(1, Role.CONSUMER, 1, 0, 1)));

    assertThat(union.values()).containsExactly(0.5f, 2.5f, 1, 3);
  }

  @Test
  void a_channel_that_lies_at_several_positions_stays_together() {
    Tensor union =
        TensorUnion.of(
            "w",
            List.of(matrix(1, 4, 1, 2, 3, 4), matrix(1, 4, 5, 6, 7, 8)),
            List.of(slot(1, Role.CONSUMER, 1, 0, 0, 1, 1)));

    assertThat(union.values()).containsExactly(0.5f, 1, 2.5f, 3, 1.5f, 2, 3.5f, 4);
  }

  @Test
  void chunks_of_a_grouped_layer_hold_the_chunks_of_both() {
    Tensor union =
        TensorUnion.of(
            "w",
            List.of(matrix(2, 1, 1, 2), matrix(2, 1, 3, 4)),
            List.of(slot(0, Role.PRODUCER, 1, 0, 1), slot(1, Role.CONSUMER, 2, 0, 1)));

    assertThat(union.shape()).containsExactly(4, 2);
    assertThat(union.values()).containsExactly(1, 0, 0, 3, 2, 0, 0, 4);
  }

  @Test
  void a_layer_of_one_network_reads_nothing_of_others() {
    Tensor alone =
        TensorUnion.alone("w", matrix(1, 2, 5, 6), 1, 2, List.of(slot(1, Role.CONSUMER, 1, 0, 1)));

    assertThat(alone.values()).containsExactly(0, 5, 0, 6);
  }
}
