package dev.pleat.onnx.invert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.request.InversionOptions;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How much is made of networks that are too large to try. */
final class InversionSizesTest {
  private static final InversionOptions DEFAULTS = InversionOptions.of(0);

  private static InversionSizes choose(
      double gigaflops, double megabytes, InversionOptions options) {
    return InversionSizes.choose(new StepCost(gigaflops * 1e9, megabytes * 1e6), options, 0);
  }

  @Test
  void small_networks_get_256_images_at_once() {
    InversionSizes sizes = choose(0.2, 2, DEFAULTS);
    assertThat(sizes.images()).isEqualTo(256);
    assertThat(sizes.steps()).isEqualTo(240);
    assertThat(sizes.batches()).isEqualTo(1);
  }

  @Test
  void networks_whose_operations_cannot_be_counted_are_taken_for_small() {
    assertThat(choose(0, 0, DEFAULTS).images()).isEqualTo(256);
  }

  @Test
  void larger_networks_get_fewer_steps_and_the_largest_also_fewer_images() {
    // ResNet18, ResNet50 and a network thirty times as large, at 224 x 224, forward and backward.
    InversionSizes large = choose(11, 120, DEFAULTS.withUsualSteps(160));
    assertThat(large.images()).isEqualTo(256);
    assertThat(large.steps()).isBetween(41, 80);
    assertThat(large.reason()).contains("--images and --steps decide");
    InversionSizes larger = choose(25, 270, DEFAULTS.withUsualSteps(160));
    assertThat(larger.images()).isBetween(100, 200);
    assertThat(larger.steps()).isEqualTo(40);
    assertThat(larger.batches()).isGreaterThan(8);
    InversionSizes huge = choose(750, 4000, DEFAULTS);
    assertThat(huge.images()).isEqualTo(48);
    assertThat(huge.steps()).isEqualTo(60);
    assertThat(huge.batches()).isEqualTo(48);
  }

  @Test
  void what_may_be_spent_is_kept_to_as_long_as_that_leaves_enough() {
    InversionOptions limited = DEFAULTS.withUsualSteps(160).withMostWork(4.5e13);
    InversionSizes within = choose(2.3, 216, limited);
    assertThat(within.images()).isBetween(60, 70);
    assertThat(within.work()).isBetween(4e13, 4.5e13);
    assertThat(choose(25, 270, limited).work()).isGreaterThan(4.5e13);
    assertThat(choose(0, 0, limited).work()).isZero();
  }

  @Test
  void depthwise_networks_take_longer_than_their_operations_say() {
    assertThat(choose(0.05, 4.6, DEFAULTS).work()).isGreaterThan(choose(0.18, 2, DEFAULTS).work());
  }

  @Test
  void what_is_asked_for_is_made() {
    InversionOptions asked = DEFAULTS.withSize(1000, 500);
    InversionSizes sizes = choose(750, 4000, asked);
    assertThat(sizes.images()).isEqualTo(1000);
    assertThat(sizes.steps()).isEqualTo(500);
  }

  @Test
  void batches_share_the_images_evenly_and_are_whole_where_the_network_wants_them() {
    InversionSizes even = choose(1, 100, DEFAULTS.withImages(OptionalInt.of(65)));
    assertThat(even.batches()).isEqualTo(4);
    assertThat(even.start(1)).isEqualTo(16);
    assertThat(even.start(4)).isEqualTo(65);
    InversionSizes fixed =
        InversionSizes.choose(new StepCost(1, 1), DEFAULTS.withImages(OptionalInt.of(10)), 4);
    assertThat(fixed.images()).isEqualTo(12);
    assertThat(fixed.batches()).isEqualTo(3);
  }
}
