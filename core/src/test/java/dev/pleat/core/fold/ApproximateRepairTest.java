package dev.pleat.core.fold;

import static dev.pleat.core.fold.Groups.slot;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.report.GroupReport;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On white inputs, where the cosine of two rows is the correlation of what they give. */
class ApproximateRepairTest {
  private static final double EPSILON = 1e-3;
  private static final int WIDTH = 6;
  private static final int COLUMNS = 5;

  private static Normalization normalization(int width, List<Slot> producers) {
    return new Normalization(
        slot("scale", 0, Role.PER_CHANNEL, width),
        slot("bias", 0, Role.PER_CHANNEL, width),
        slot("mean", 0, Role.STATISTIC, width),
        slot("variance", 0, Role.STATISTIC, width),
        EPSILON,
        producers,
        List.of());
  }

  /** A layer on white inputs with a normalisation that has measured it. */
  private static HeldTensors layer(SplittableRandom random) {
    HeldTensors store =
        new HeldTensors()
            .putRandom("w", random, WIDTH, COLUMNS)
            .putRandom("scale", random, WIDTH)
            .putRandom("bias", random, WIDTH)
            .putRandom("mean", random, WIDTH)
            .putRandom("out", random, 2, WIDTH);
    float[] variance = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      variance[i] = (float) (squares(store.values("w"), i, COLUMNS) - EPSILON);
    }
    return store.put("variance", new int[] {WIDTH}, variance);
  }

  private static ChannelGroup group() {
    Slot weight = slot("w", 0, Role.PRODUCER, WIDTH);
    Normalization normalization = normalization(WIDTH, List.of(weight));
    return Groups.normalized(
        "layer",
        WIDTH,
        normalization,
        weight,
        normalization.scale(),
        normalization.bias(),
        normalization.mean(),
        normalization.variance(),
        slot("out", 1, Role.CONSUMER, WIDTH));
  }

  private static double squares(float[] values, int row, int columns) {
    double sum = 0;
    for (int j = row * columns; j < (row + 1) * columns; j++) {
      sum += (double) values[j] * values[j];
    }
    return sum;
  }

  private static GroupReport fold(HeldTensors store, ChannelGroup group, int width, Repair repair) {
    return Folding.fold(
            store,
            Optional.empty(),
            List.of(group),
            new int[] {width},
            Strategy.onWeights(Method.FOLD, repair, "", ""),
            0,
            1,
            Progress.SILENT,
            ClusterObserver.NONE)
        .groups()
        .getFirst();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void a_merged_channel_has_the_variance_that_its_normalisation_expects(long seed) {
    HeldTensors store = layer(new SplittableRandom(seed));

    GroupReport report = fold(store, group(), 3, Repair.APPROXIMATE);

    for (int c = 0; c < 3; c++) {
      assertThat(store.values("variance")[c] + EPSILON)
          .isCloseTo(squares(store.values("w"), c, COLUMNS), within(1e-5));
    }
    assertThat(report.varianceRatio()).isCloseTo(1, within(1e-9));
  }

  @Test
  void a_channel_that_merges_with_none_keeps_its_bits() {
    HeldTensors store = layer(new SplittableRandom(3));
    HeldTensors before = layer(new SplittableRandom(3));

    fold(store, group(), WIDTH - 1, Repair.APPROXIMATE);

    int same = 0;
    for (int c = 0; c < WIDTH - 1; c++) {
      for (int i = 0; i < WIDTH; i++) {
        boolean row = store.values("w")[c * COLUMNS] == before.values("w")[i * COLUMNS];
        same += row && store.values("variance")[c] == before.values("variance")[i] ? 1 : 0;
      }
    }
    assertThat(same).isEqualTo(WIDTH - 2);
  }

  @Test
  void without_the_repair_variances_are_averaged_and_the_collapse_is_reported() {
    HeldTensors store = layer(new SplittableRandom(4));

    GroupReport report = fold(store, group(), 1, Repair.NONE);

    double mean = 0;
    for (float variance : layer(new SplittableRandom(4)).values("variance")) {
      mean += variance / WIDTH;
    }
    assertThat((double) store.values("variance")[0]).isCloseTo(mean, within(1e-5));
    assertThat(report.varianceRatio())
        .isCloseTo(squares(store.values("w"), 0, COLUMNS) / (mean + EPSILON), within(1e-5));
  }

  @Test
  void the_prediction_is_that_of_the_mean_cosine() {
    HeldTensors store =
        new HeldTensors()
            .put("w", new int[] {2, 2}, 3, 0, 0.6f, 0.8f)
            .put("variance", new int[] {2}, 9 - (float) EPSILON, 1 - (float) EPSILON);
    ChannelGroup group = Groups.group("layer", 2, slot("w", 0, Role.PRODUCER, 2));
    Normalization normalization = normalization(2, List.of(slot("w", 0, Role.PRODUCER, 2)));
    ApproximateRepair repair =
        new ApproximateRepair(group, Mixing.mean(Clustering.of(new int[] {0, 0})), store, store);

    double[] deviations = repair.deviations(normalization);
    double[] normalised = {1 / deviations[0], 1 / deviations[1]};

    assertThat(deviations).containsExactly(new double[] {3, 1}, within(1e-6));
    assertThat(repair.variances(normalization, deviations, normalised)[0])
        .isCloseTo((1 + 0.6) / 2, within(1e-6));
  }

  @Test
  void depthwise_filters_correlate_as_their_inputs_and_their_filters_do() {
    HeldTensors store =
        new HeldTensors()
            .put("point", new int[] {2, 2}, 1, 0, 0.6f, 0.8f)
            .put("depth", new int[] {2, 1, 1, 2}, 0, 5, 0.6f, 0.8f)
            .put("variance", new int[] {2}, 1, 1);
    Slot depth = slot("depth", 0, Role.PER_CHANNEL, 2);
    ChannelGroup group = Groups.group("layer", 2, slot("point", 0, Role.PRODUCER, 2), depth);
    ApproximateRepair repair =
        new ApproximateRepair(group, Mixing.mean(Clustering.of(new int[] {0, 0})), store, store);

    double[] ones = {1, 1};

    assertThat(repair.variances(normalization(2, List.of(depth)), ones, ones)[0])
        .isCloseTo((1 + 0.6 * 0.8) / 2, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void fused_convolutions_get_their_amplitude_back(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    HeldTensors store =
        new HeldTensors().putRandom("w", random, 4, 2, 1, 2).putRandom("out", random, 3, 4);
    double mean = 0;
    for (int i = 0; i < 4; i++) {
      mean += squares(store.values("w"), i, 4) / 4;
    }

    GroupReport report =
        fold(
            store,
            Groups.group(
                "layer", 4, slot("w", 0, Role.PRODUCER, 4), slot("out", 1, Role.CONSUMER, 4)),
            1,
            Repair.APPROXIMATE);

    assertThat(squares(store.values("w"), 0, 4)).isCloseTo(mean, within(1e-4));
    assertThat(report.varianceRatio()).isEqualTo(1);
  }
}
