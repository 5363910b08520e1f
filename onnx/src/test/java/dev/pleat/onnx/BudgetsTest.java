package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.budget.Precision;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Rounding;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.Budget;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Footprint;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.eval.Evaluation;
import dev.pleat.onnx.eval.LatencyTimer;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.fold.Footprints;
import dev.pleat.onnx.request.EvalRequest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Budgets on small trained networks. */
class BudgetsTest {
  @TempDir private Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(Objects.requireNonNull(BudgetsTest.class.getResource(name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FoldOptions options(Target target, Allocation allocation) {
    return FoldOptions.of(target).with(allocation).with(Repair.APPROXIMATE);
  }

  private FoldReport fold(String network, FoldOptions options) {
    return OnnxFolding.fold(
        FileFoldRequest.of(
                resource("/networks/" + network + ".onnx"), folder.resolve("out.onnx"), options)
            .overwriting(),
        Progress.SILENT);
  }

  private static Stream<Arguments> budgets() {
    return Stream.of(
        Arguments.of("vgg-bn", new Target.Parameters(0.3), Allocation.UNIFORM),
        Arguments.of("mobile-bn", new Target.Parameters(0.8), Allocation.UNIFORM),
        Arguments.of("mobile-bn", new Target.Flops(0.5), Allocation.UNIFORM),
        Arguments.of("vgg-bn", new Target.SizeShare(0.4), Allocation.UNIFORM),
        Arguments.of("mobile-bn", new Target.Size(300_000), Allocation.UNIFORM),
        Arguments.of("mobile-bn", new Target.Parameters(0.3), Allocation.GLOBAL),
        Arguments.of("vgg-bn", new Target.Parameters(0.8), Allocation.GLOBAL),
        Arguments.of("vgg-bn", new Target.Flops(0.5), Allocation.GLOBAL),
        Arguments.of("mobile-bn", new Target.SizeShare(0.4), Allocation.GLOBAL),
        Arguments.of("vgg-bn", new Target.Flash(64_000, Precision.INT8), Allocation.UNIFORM),
        Arguments.of("vgg-bn", new Target.Flash(300_000, Precision.FP32), Allocation.GLOBAL),
        Arguments.of("mobile-bn", new Target.Ram(40_000, Precision.FP32), Allocation.UNIFORM),
        Arguments.of("vgg-bn", new Target.Channels(0.5), Allocation.GLOBAL));
  }

  @ParameterizedTest
  @MethodSource("budgets")
  void what_is_written_is_as_predicted_and_just_within_the_budget(
      String network, Target target, Allocation allocation) {
    Budget budget = fold(network, options(target, allocation)).budget().orElseThrow();

    double achieved = budget.achieved().orElseThrow();
    assertThat(achieved).isLessThanOrEqualTo(budget.most()).isGreaterThan(0.97 * budget.most());
    if (budget.measure().equals("bytes")) {
      assertThat(folder.resolve("out.onnx").toFile()).hasSize((long) achieved);
      assertThat(achieved).isCloseTo(budget.predicted(), within(0.01 * budget.most()));
    } else {
      assertThat(achieved).isEqualTo(budget.predicted());
    }
  }

  @Test
  void the_memory_of_a_run_is_that_of_the_largest_values_alive_at_once() {
    Footprint footprint =
        Footprints.of(resource("/networks/vgg-bn.onnx"), Map.of(), 2).orElseThrow();

    // The second convolution reads and makes 32 channels of 28 by 28; all else works in place.
    assertThat(footprint.ramFp32()).hasValue(4L * 2 * 32 * 28 * 28);
    assertThat(footprint.ramInt8()).hasValue(2L * 32 * 28 * 28);
    assertThat(footprint.flashFp32()).isEqualTo(4 * 282_410);
    assertThat(footprint.multiplyAccumulates().orElseThrow()).isBetween(20_000_000L, 21_000_000L);
  }

  @Test
  void a_budget_of_memory_takes_channels_only_where_they_lie_at_the_peak() {
    FoldReport report =
        fold("vgg-bn", options(new Target.Ram(150_000, Precision.FP32), Allocation.UNIFORM));

    assertThat(report.groups().getFirst().after()).isLessThan(32);
    assertThat(report.groups().get(5).after()).isEqualTo(96);
  }

  @Test
  void memory_that_the_narrowest_network_exceeds_is_refused() {
    assertThatThrownBy(() ->
            fold("vgg-bn", options(new Target.Ram(1_000, Precision.FP32), Allocation.UNIFORM)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--ram asks for at most 1000 bytes of activations in fp32")
        .hasMessageContaining("the nearest is --ram 6272B");
  }

  @Test
  void a_budget_that_goes_where_it_hurts_least_leaves_more_of_the_network() {
    Target target = new Target.Parameters(0.5);

    fold("mobile-bn", options(target, Allocation.UNIFORM));
    double uniform = agreement("mobile-bn");
    fold("mobile-bn", options(target, Allocation.GLOBAL));
    double global = agreement("mobile-bn");

    assertThat(global).isGreaterThan(uniform + 0.1);
  }

  private double agreement(String network) {
    return Evaluation.run(
            EvalRequest.of(folder.resolve("out.onnx"))
                .withImages(
                    resource("/calibration/fashion-mnist-calibration-images.idx3-ubyte.gz"),
                    Optional.empty(),
                    new Preprocessing(
                        List.of(0.286), List.of(0.353), Optional.empty(), Optional.empty()))
                .withAgainst(resource("/networks/" + network + ".onnx")),
            new LatencyTimer.Effort(3, 0),
            Progress.SILENT)
        .agreement()
        .orElseThrow()
        .top1();
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8})
  void widths_that_are_not_whole_are_multiples_whatever_the_allocation(int multiple) {
    for (Allocation allocation : Allocation.values()) {
      FoldReport report =
          fold(
              "vgg-bn",
              options(new Target.Flops(0.6), allocation).with(new Rounding.Multiple(multiple)));

      assertThat(report.flops().orElseThrow().removed()).isGreaterThanOrEqualTo(0.6);
      assertThat(report.groups())
          .filteredOn(group -> group.after() < group.before())
          .isNotEmpty()
          .allMatch(group -> group.after() % multiple == 0);
    }
  }

  @Test
  void the_rounding_that_runs_fastest_is_named_with_what_was_measured() {
    FoldReport report =
        fold(
            "vgg-bn",
            options(new Target.Channels(0.4), Allocation.UNIFORM).with(new Rounding.Auto()));

    assertThat(report.round()).isIn(1, 4, 8, 16, 32);
    assertThat(report.roundReason()).contains("1: ", "4: ", "8: ", "16: ", "32: ", "ms");
    assertThat(report.groups())
        .filteredOn(group -> group.after() < group.before())
        .allMatch(group -> group.after() % report.round() == 0);
  }

  @Test
  void a_latency_within_reach_is_folded_for_and_one_out_of_reach_names_the_nearest() {
    FoldReport report = fold("vgg-bn", options(new Target.Latency(0.9), Allocation.UNIFORM));

    assertThat(report.budget().orElseThrow().measure()).isEqualTo("latency");
    assertThat(report.channels().removed()).isPositive();
    assertThatThrownBy(() -> fold("vgg-bn", options(new Target.Latency(1e-6), Allocation.UNIFORM)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("--latency-budget", "nearest");
  }

  @Test
  void operations_out_of_reach_name_the_nearest() {
    assertThatThrownBy(() -> fold("vgg-bn", options(new Target.Flops(0.99999), Allocation.GLOBAL)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("--flops", "nearest");
  }

  @Test
  void an_inspection_counts_operations_and_says_what_shares_would_leave() {
    InspectReport report =
        OnnxFolding.inspect(resource("/networks/vgg-bn.onnx"), Optional.empty(), 1, Map.of());

    assertThat(report.flops()).isPresent();
    assertThat(report.groups())
        .allSatisfy(group -> {
          assertThat(group.flopsShare().orElseThrow()).isBetween(0.0, 1.0);
          assertThat(group.knee()).isBetween(1, group.width());
          assertThat(group.planned()).isEqualTo(group.width());
          assertThat(group.choices())
              .extracting(InspectReport.Choice::params)
              .containsExactly(0.25, 0.5);
          assertThat(group.choices().getLast().width())
              .isLessThan(group.choices().getFirst().width());
        });
  }

  @Test
  void a_file_that_cannot_be_traced_is_not_counted_rather_than_refused(@TempDir Path folder)
      throws IOException {
    Path damaged = Files.writeString(folder.resolve("damaged.onnx"), "no model");

    assertThat(Footprints.of(damaged, Map.of(), 2)).isEmpty();
  }
}
