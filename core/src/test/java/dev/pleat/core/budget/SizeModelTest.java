package dev.pleat.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SizeModelTest {
  private static ChannelGroup group(String name, int width, Slot... slots) {
    return new ChannelGroup(
        name, width, 1, new int[width], List.of(slots), List.of(), ChannelGroup.Kind.UNIT);
  }

  private static Slot slot(String tensor, int axis, Role role, int width) {
    return new Slot(tensor, axis, role, IntStream.range(0, width).toArray(), 1);
  }

  /** 3 → 8 → 6 → 2 by 3×3 convolutions on 10×10, 10×10 and 5×5 positions, in half precision. */
  private static final SizeModel MODEL =
      new SizeModel(
          List.of(
              new SizeModel.SizedTensor("a", new int[] {8, 3, 3, 3}, 2, 100),
              new SizeModel.SizedTensor("a.bias", new int[] {8}, 2, 0),
              new SizeModel.SizedTensor("b", new int[] {6, 8, 3, 3}, 2, 100),
              new SizeModel.SizedTensor("c", new int[] {2, 6, 3, 3}, 2, 25)),
          List.of(
              group(
                  "x",
                  8,
                  slot("a", 0, Role.PRODUCER, 8),
                  slot("a.bias", 0, Role.PRODUCER, 8),
                  slot("b", 1, Role.CONSUMER, 8)),
              group("y", 6, slot("b", 0, Role.PRODUCER, 6), slot("c", 1, Role.CONSUMER, 6))));

  @Test
  void totals_are_sums_of_products_of_widths() {
    assertThat(MODEL.totals(new int[] {5, 4}))
        .isEqualTo(
            new SizeModel.Totals(
                5 * 27 + 5 + 4 * 5 * 9 + 2 * 4 * 9,
                2 * (5 * 27 + 5 + 4 * 5 * 9 + 2 * 4 * 9),
                2 * (100 * (5 * 27) + 100 * (4 * 5 * 9) + 25 * (2 * 4 * 9))));
    assertThat(MODEL.original()).isEqualTo(MODEL.totals(new int[] {8, 6}));
  }

  @Test
  void what_a_group_adds_is_the_difference_of_its_part() {
    for (SizeModel.Measure measure : SizeModel.Measure.values()) {
      Cost cost = MODEL.cost(measure);
      int[] before = {7, 5};
      int[] after = {3, 5};

      assertThat(cost.of(before) - cost.of(after))
          .isEqualTo(cost.part(0, before) - cost.part(0, after));
    }
  }
}
