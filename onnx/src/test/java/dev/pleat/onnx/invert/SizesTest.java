package dev.pleat.onnx.invert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** How much is made of networks that are too large to try. */
final class SizesTest {
  private static final InversionOptions DEFAULTS = InversionOptions.of(0);

  private static Sizes choose(double gigaflops, double megabytes, InversionOptions options) {
    return Sizes.choose(new Cost(gigaflops * 1e9, megabytes * 1e6), options, 0);
  }

  @Test
  void small_networks_get_256_images_at_once() {
    Sizes sizes = choose(0.2, 2, DEFAULTS);
    assertThat(sizes.images()).isEqualTo(256);
    assertThat(sizes.steps()).isEqualTo(240);
    assertThat(sizes.batches()).isEqualTo(1);
  }

  @Test
  void networks_whose_operations_cannot_be_counted_are_taken_for_small() {
    assertThat(choose(0, 0, DEFAULTS).images()).isEqualTo(256);
  }

  @Test
  void large_networks_get_fewer_images_and_the_largest_also_fewer_steps() {
    // ResNet50 and a network thirty times as large, at 224 x 224, forward and backward.
    Sizes large = choose(25, 270, DEFAULTS.withUsualSteps(160));
    assertThat(large.images()).isBetween(32, 64);
    assertThat(large.steps()).isEqualTo(160);
    assertThat(large.batches()).isBetween(2, 6);
    assertThat(large.reason()).contains("--images and --steps decide");
    Sizes huge = choose(750, 4000, DEFAULTS);
    assertThat(huge.images()).isEqualTo(32);
    assertThat(huge.steps()).isEqualTo(80);
    assertThat(huge.batches()).isEqualTo(32);
  }

  @Test
  void what_is_asked_for_is_made() {
    InversionOptions asked = DEFAULTS.withSize(1000, 500);
    Sizes sizes = choose(750, 4000, asked);
    assertThat(sizes.images()).isEqualTo(1000);
    assertThat(sizes.steps()).isEqualTo(500);
  }

  @Test
  void batches_share_the_images_evenly_and_are_whole_where_the_network_wants_them() {
    Sizes even = choose(1, 100, DEFAULTS.withImages(OptionalInt.of(65)));
    assertThat(even.batches()).isEqualTo(3);
    assertThat(even.start(1)).isEqualTo(21);
    assertThat(even.start(3)).isEqualTo(65);
    Sizes fixed = Sizes.choose(new Cost(1, 1), DEFAULTS.withImages(OptionalInt.of(10)), 4);
    assertThat(fixed.images()).isEqualTo(12);
    assertThat(fixed.batches()).isEqualTo(3);
  }
}
