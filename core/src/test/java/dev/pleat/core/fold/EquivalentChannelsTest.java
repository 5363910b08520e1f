package dev.pleat.core.fold;

import static dev.pleat.core.fold.Groups.group;
import static dev.pleat.core.fold.Groups.slot;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EquivalentChannelsTest {
  private static final ChannelGroup FIRST =
      group("first", 3, slot("a", 0, Role.PRODUCER, 3), slot("b", 1, Role.CONSUMER, 3));
  private static final ChannelGroup SECOND =
      group("second", 2, slot("b", 0, Role.PRODUCER, 2), slot("c", 1, Role.CONSUMER, 2));

  private static HeldTensors tensors(float... first) {
    return new HeldTensors()
        .put("a", new int[] {3, 2}, first)
        .put("b", new int[] {2, 3}, 1, 5, 2, 2, 5, 1)
        .put("c", new int[] {1, 2}, 3, 4);
  }

  @Test
  void channels_that_differ_stay_apart() {
    HeldTensors store = tensors(1, 2, 3, 4, 1, 2.001f);

    assertThat(EquivalentChannels.find(List.of(FIRST, SECOND), store))
        .containsExactly(Clustering.identity(3), Clustering.identity(2));
  }

  @Test
  void copies_are_found_and_so_are_channels_that_only_split_what_they_read_of_copies() {
    HeldTensors store = tensors(1, 2, 3, 4, 1, 2);

    assertThat(EquivalentChannels.find(List.of(FIRST, SECOND), store))
        .containsExactly(Clustering.of(new int[] {0, 1, 0}), Clustering.of(new int[] {0, 0}));
  }

  @Test
  void rounding_is_no_difference() {
    HeldTensors store = tensors(1, 2, 3, 4, 1, Math.nextUp(2f));

    assertThat(EquivalentChannels.find(List.of(FIRST), store))
        .containsExactly(Clustering.of(new int[] {0, 1, 0}));
  }

  @Test
  void what_follows_each_channel_by_itself_counts_too() {
    HeldTensors store = tensors(1, 2, 3, 4, 1, 2).put("bias", new int[] {3}, 1, 1, 2);
    ChannelGroup biased =
        group("first", 3, slot("a", 0, Role.PRODUCER, 3), slot("bias", 0, Role.PER_CHANNEL, 3));

    assertThat(EquivalentChannels.find(List.of(biased), store))
        .containsExactly(Clustering.identity(3));
  }

  @Test
  void copies_in_sets_that_may_not_merge_stay_apart() {
    HeldTensors store = new HeldTensors().put("a", new int[] {4, 1}, 1, 1, 1, 2);
    ChannelGroup chunks = Groups.partitioned("chunks", 4, 2, slot("a", 0, Role.PRODUCER, 4));

    assertThat(EquivalentChannels.find(List.of(chunks), store))
        .containsExactly(Clustering.of(new int[] {0, 0, 1, 2}));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void every_copy_planted_through_three_layers_is_found_and_no_more(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ChannelGroup> groups = new ArrayList<>();
    List<Clustering> planted = new ArrayList<>();
    HeldTensors store = new HeldTensors();
    Clustering before = Clustering.identity(3);
    for (int layer = 0; layer < 3; layer++) {
      int width = random.nextInt(4, 9);
      int distinct = random.nextInt(2, width);
      int[] labels = random.ints(width, 0, distinct).toArray();
      Clustering clustering = Clustering.of(labels);
      String name = "w" + layer;
      store.put(name, new int[] {width, before.channels()}, rows(clustering, before, random));
      groups.add(
          group(
              "layer" + layer,
              width,
              slot(name, 0, Role.PRODUCER, width),
              slot("w" + (layer + 1), 1, Role.CONSUMER, width)));
      planted.add(clustering);
      before = clustering;
    }
    store.putRandom("w3", random, 2, before.channels());

    assertThat(EquivalentChannels.find(groups, store)).isEqualTo(planted);
  }

  /** Rows that are equal within a cluster once columns of equal channels are added up. */
  private static float[] rows(Clustering clustering, Clustering columns, SplittableRandom random) {
    float[] values = new float[clustering.channels() * columns.channels()];
    double[][] sums = new double[clustering.count()][columns.count()];
    for (double[] row : sums) {
      for (int c = 0; c < row.length; c++) {
        row[c] = random.nextGaussian();
      }
    }
    for (int i = 0; i < clustering.channels(); i++) {
      int row = i * columns.channels();
      for (int[] members : columns.members()) {
        double rest = sums[clustering.clusterOf(i)][columns.clusterOf(members[0])];
        for (int m = 1; m < members.length; m++) {
          values[row + members[m]] = (float) random.nextGaussian();
          rest -= values[row + members[m]];
        }
        values[row + members[0]] = (float) rest;
      }
    }
    return values;
  }
}
