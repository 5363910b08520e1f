package dev.pleat.core.fold;

import static dev.pleat.core.fold.Groups.group;
import static dev.pleat.core.fold.Groups.slot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Damage;
import dev.pleat.core.budget.SizeModel;
import dev.pleat.core.budget.SizeModel.SizedTensor;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WidthsTest {
  private static final ChannelGroup WIDE =
      group("body.wide", 40, slot("a", 0, Role.PRODUCER, 40), slot("b", 1, Role.CONSUMER, 40));
  private static final ChannelGroup NARROW =
      group("body.narrow", 10, slot("b", 0, Role.PRODUCER, 10), slot("c", 1, Role.CONSUMER, 10));
  private static final ChannelGroup CHUNKS =
      Groups.partitioned("chunks", 12, 4, slot("d", 0, Role.PRODUCER, 12));
  private static final ChannelGroup HEADS =
      Groups.heads("heads", 8, slot("e", 0, Role.PRODUCER, 8));
  private static final List<ChannelGroup> GROUPS = List.of(WIDE, NARROW, CHUNKS, HEADS);
  private static final SizeModel SIZE =
      new SizeModel(
          List.of(
              new SizedTensor("a", new int[] {40, 3}, 4, 1),
              new SizedTensor("b", new int[] {10, 40}, 4, 1),
              new SizedTensor("c", new int[] {2, 10}, 4, 1)),
          List.of(WIDE, NARROW));

  private static FoldOptions channels(double ratio) {
    return FoldOptions.of(new Target.Channels(ratio));
  }

  private static FoldOptions choosing(List<String> include, List<String> exclude) {
    FoldOptions half = channels(0.5);
    return new FoldOptions(
        half.target(),
        Map.of(),
        include,
        exclude,
        half.rounding(),
        half.allocation(),
        half.method(),
        half.repair(),
        0,
        0,
        1);
  }

  private static int[] widths(FoldOptions options) {
    return new Widths(GROUPS, options).choose(SIZE, 0, Damage.UNKNOWN);
  }

  @Test
  void each_group_loses_the_share_and_heads_only_by_their_own_option() {
    assertThat(widths(channels(0.5))).containsExactly(20, 5, 8, 8);
    assertThat(widths(channels(0.5).withHeads(0.25))).containsExactly(20, 5, 8, 6);
    assertThat(widths(channels(0))).containsExactly(40, 10, 12, 8);
  }

  @Test
  void every_group_keeps_a_channel_and_every_chunk_one() {
    assertThat(widths(channels(0.99))).containsExactly(1, 1, 4, 8);
    assertThat(new Widths(GROUPS, channels(0.2)).smallest()).containsExactly(1, 1, 4, 8);
  }

  @Test
  void widths_are_rounded_up_to_a_multiple_that_chunks_share_but_never_beyond_their_own() {
    assertThat(widths(channels(0.5).with(new Rounding.Multiple(16))))
        .containsExactly(32, 10, 12, 8);
    assertThat(widths(channels(0.7).with(new Rounding.Multiple(2)))).containsExactly(12, 4, 4, 8);
  }

  @Test
  void fixed_widths_go_before_the_target() {
    assertThat(widths(channels(0.5).with(Map.of("body.narrow", 9, "chunks", 4))))
        .containsExactly(20, 9, 4, 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 13})
  void a_fixed_width_that_the_group_cannot_have_is_refused(int width) {
    FoldOptions options = channels(0.5).with(Map.of("chunks", width));

    assertThatThrownBy(() -> new Widths(GROUPS, options))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("chunks=" + width)
        .hasMessageContaining("12 channels");
  }

  @Test
  void names_that_no_group_has_are_refused() {
    assertThatThrownBy(() -> new Widths(GROUPS, channels(0.5).with(Map.of("tail", 1))))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'tail'")
        .hasMessageContaining("body.wide");
    assertThatThrownBy(() -> new Widths(GROUPS, choosing(List.of("tail*"), List.of())))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'tail*' matches no foldable group");
  }

  @Test
  void groups_that_are_not_chosen_stay_as_they_are() {
    assertThat(widths(choosing(List.of("body.*"), List.of()))).containsExactly(20, 5, 12, 8);
    assertThat(widths(choosing(List.of(), List.of("body.*")))).containsExactly(40, 10, 8, 8);
    assertThat(widths(choosing(List.of("body.*"), List.of("*.wide"))))
        .containsExactly(40, 5, 12, 8);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.7, 0.9})
  void a_share_of_the_parameters_is_removed_at_least_and_no_channel_could_have_stayed(
      double share) {
    FoldOptions options = FoldOptions.of(new Target.Parameters(share));
    long most = (long) Math.floor((1 - share) * SIZE.original().parameters());

    int[] widths = new Widths(List.of(WIDE, NARROW), options).choose(SIZE, 0, Damage.UNKNOWN);

    assertThat(SIZE.totals(widths).parameters()).isLessThanOrEqualTo(most);
    int[] more = {widths[0] + 1, widths[1] + 1};
    assertThat(SIZE.totals(more).parameters()).isGreaterThan(most);
  }

  @Test
  void a_global_allocation_takes_channels_where_that_does_least_damage() {
    FoldOptions options = FoldOptions.of(new Target.Parameters(0.4)).with(Allocation.GLOBAL);
    Damage wideMatters = (g, k) -> g == 0 ? 100.0 * (40 - k) : 10 - k;
    Damage narrowMatters = (g, k) -> g == 1 ? 100.0 * (10 - k) : 40 - k;
    Widths widths = new Widths(List.of(WIDE, NARROW), options);

    assertThat(widths.choose(SIZE, 0, wideMatters)[0]).isEqualTo(40);
    assertThat(widths.choose(SIZE, 0, narrowMatters)[1]).isEqualTo(10);
  }

  @Test
  void a_target_out_of_reach_names_the_nearest() {
    FoldOptions options = FoldOptions.of(new Target.Size(10));

    assertThatThrownBy(
            () -> new Widths(List.of(WIDE, NARROW), options).choose(SIZE, 0, Damage.UNKNOWN))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("nearest");
  }
}
