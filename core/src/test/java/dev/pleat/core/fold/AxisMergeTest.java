package dev.pleat.core.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AxisMergeTest {
  private static final Clustering FIRST_AND_LAST = Clustering.of(new int[] {0, 1, 0});

  private static AxisMerge.Part part(Slot slot, Clustering clustering) {
    double[] ones = new double[clustering.channels()];
    Arrays.fill(ones, 1);
    return part(slot, clustering, ones);
  }

  private static AxisMerge.Part part(Slot slot, Clustering clustering, double[] scale) {
    Mixing mean = Mixing.mean(clustering);
    return new AxisMerge.Part(
        slot, mean, slot.role() == Role.CONSUMER ? mean.read() : mean.made(), scale);
  }

  private static Slot slot(int axis, Role role, int partitions, int... channels) {
    return new Slot("w", axis, role, channels, partitions);
  }

  private static Tensor tensor(int[] shape, float... values) {
    return new Tensor(shape, values);
  }

  @Test
  void rows_that_make_a_cluster_are_averaged() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {3, 2}, 1, 2, 3, 4, 5, 8),
            List.of(part(slot(0, Role.PRODUCER, 1, 0, 1, 2), FIRST_AND_LAST)));

    assertThat(merged.shape()).containsExactly(2, 2);
    assertThat(merged.values()).containsExactly(3, 5, 3, 4);
  }

  @Test
  void columns_that_read_a_cluster_are_added_up() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {2, 3}, 1, 2, 3, 4, 5, 6),
            List.of(part(slot(1, Role.CONSUMER, 1, 0, 1, 2), FIRST_AND_LAST)));

    assertThat(merged.shape()).containsExactly(2, 2);
    assertThat(merged.values()).containsExactly(4, 2, 10, 5);
  }

  @Test
  void kernels_are_merged_element_by_element() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {1, 3, 1, 2}, 1, 2, 3, 4, 5, 6),
            List.of(part(slot(1, Role.CONSUMER, 1, 0, 1, 2), FIRST_AND_LAST)));

    assertThat(merged.values()).containsExactly(6, 8, 3, 4);
  }

  @Test
  void factors_come_before_the_mean_and_leave_clusters_of_one_alone() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {3, 2}, 1, 2, 3, 4, 5, 8),
            List.of(
                part(slot(0, Role.PRODUCER, 1, 0, 1, 2), FIRST_AND_LAST, new double[] {2, 7, 4})));

    assertThat(merged.values()).containsExactly(11, 18, 3, 4);
  }

  @Test
  void dropped_channels_vanish_and_positions_of_nobody_stay() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {5}, 1, 2, 3, 4, 5),
            List.of(
                part(
                    slot(0, Role.PER_CHANNEL, 1, -1, 0, 1, 2, -1),
                    Clustering.keep(new int[] {0, 2}, 3))));

    assertThat(merged.values()).containsExactly(1, 2, 4, 5);
  }

  @Test
  void positions_of_a_flattened_channel_are_merged_each_with_its_like() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {1, 4}, 1, 2, 3, 4),
            List.of(part(slot(1, Role.CONSUMER, 1, 0, 0, 1, 1), Clustering.of(new int[] {0, 0}))));

    assertThat(merged.values()).containsExactly(4, 6);
  }

  @Test
  void groups_that_share_an_axis_do_not_disturb_each_other() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {1, 5}, 1, 2, 3, 4, 5),
            List.of(
                part(slot(1, Role.CONSUMER, 1, 0, 1, -1, -1, -1), Clustering.of(new int[] {0, 0})),
                part(slot(1, Role.CONSUMER, 1, -1, -1, 0, 1, 2), FIRST_AND_LAST)));

    assertThat(merged.values()).containsExactly(3, 8, 4);
  }

  @Test
  void columns_of_a_grouped_layer_belong_to_their_chunk_of_rows() {
    Tensor merged =
        AxisMerge.merge(
            tensor(new int[] {4, 2, 1}, 1, 2, 3, 4, 5, 6, 7, 8),
            List.of(
                part(
                    slot(1, Role.CONSUMER, 2, 0, 1, 2, 3), Clustering.of(new int[] {0, 0, 1, 1}))));

    assertThat(merged.shape()).containsExactly(4, 1, 1);
    assertThat(merged.values()).containsExactly(3, 7, 11, 15);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void merging_copies_leaves_what_a_layer_computes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int width = random.nextInt(3, 12);
    int[] labels = IntStream.range(0, width).map(i -> random.nextInt(1 + width / 2)).toArray();
    Clustering clustering = Clustering.of(labels);
    HeldTensors store =
        new HeldTensors().putRandom("in", random, width, 4).putRandom("out", random, 3, width);
    float[] rows = store.values("in");
    for (int[] cluster : clustering.members()) {
      for (int i : cluster) {
        System.arraycopy(rows, 4 * cluster[0], rows, 4 * i, 4);
      }
    }
    float[] x = {0.3f, -1.2f, 0.7f, 0.1f};

    Tensor in =
        AxisMerge.merge(
            store.read("in"),
            List.of(part(Groups.slot("in", 0, Role.PRODUCER, width), clustering)));
    Tensor out =
        AxisMerge.merge(
            store.read("out"),
            List.of(part(Groups.slot("out", 1, Role.CONSUMER, width), clustering)));

    double[] expected = layers(store.read("in"), store.read("out"), x);
    double[] found = layers(in, out, x);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  /** out · relu(in · x). */
  private static double[] layers(Tensor in, Tensor out, float[] x) {
    int width = in.shape()[0];
    double[] hidden = new double[width];
    for (int i = 0; i < width; i++) {
      for (int j = 0; j < x.length; j++) {
        hidden[i] += in.values()[i * x.length + j] * x[j];
      }
      hidden[i] = Math.max(0, hidden[i]);
    }
    double[] result = new double[out.shape()[0]];
    for (int i = 0; i < result.length; i++) {
      for (int j = 0; j < width; j++) {
        result[i] += out.values()[i * width + j] * hidden[j];
      }
    }
    return result;
  }
}
