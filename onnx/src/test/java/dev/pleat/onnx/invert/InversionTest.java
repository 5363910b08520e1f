package dev.pleat.onnx.invert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.gradient.UnsupportedGradient;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.request.LossWeights;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InversionTest {
  /** What the mean mismatch of reproduced statistics stays below: means and deviations to 25 %. */
  private static final double REPRODUCED = 0.1;

  @TempDir Path folder;

  private NormalizedNetwork network(TensorValue.Floats data, long... shape) {
    return new NormalizedNetwork(folder.resolve("model.onnx"), data, shape);
  }

  /** Two blocks of convolutions on images of 3 channels of 8 × 8 pixels. */
  private NormalizedNetwork images(double mean, double deviation) {
    return network(NormalizedNetwork.noise(mean, deviation, 32, 3, 8, 8), -1, 3, 8, 8)
        .convolution(3, 8, 2)
        .normalize()
        .relu()
        .convolution(8, 8, 2)
        .normalize()
        .relu();
  }

  private static Inverted invert(OnnxModel model) {
    return invert(model, 32, 60, 0, 1);
  }

  private static Inverted invert(OnnxModel model, int images, int steps, long seed, int threads) {
    return Inversion.run(
        model,
        InversionOptions.of(seed).withSize(images, steps).withThreads(threads),
        Progress.SILENT);
  }

  private static double mean(TensorValue.Floats values) {
    double sum = 0;
    for (float value : values.values()) {
      sum += value;
    }
    return sum / values.values().length;
  }

  private static double deviation(TensorValue.Floats values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values.values()) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.values().length);
  }

  @Test
  void made_images_reproduce_the_statistics_that_noise_does_not() {
    NormalizedNetwork network = images(0, 1);
    Inverted made = invert(network.model());

    assertThat(made.input()).isEqualTo("x");
    assertThat(made.images().shape()).containsExactly(32, 3, 8, 8);
    double noise = network.mismatch(invert(network.model(), 32, 1, 0, 1).images());
    assertThat(network.mismatch(made.images())).isLessThan(noise / 5);
    assertThat(made.layers()).hasSize(2).allMatch(layer -> layer.mismatch() < 0.2);
    assertThat(made.labels()).isEmpty();
    assertThat(made.recognised()).isEmpty();
    assertThat(made.diverged()).isFalse();
    assertThat(made.losses()).singleElement().asList().hasSize(60);
  }

  @ParameterizedTest
  @CsvSource({"120, 60", "0.5, 0.25", "-3, 0.01"})
  void they_come_out_in_the_scale_that_the_network_was_trained_on(double mean, double deviation) {
    NormalizedNetwork network = images(mean, deviation);
    TensorValue.Floats made = invert(network.model()).images();

    assertThat(network.mismatch(made)).isLessThan(2 * REPRODUCED);
    assertThat(mean(made)).isCloseTo(mean, within(0.5 * deviation));
    assertThat(deviation(made)).isBetween(deviation / 2, deviation * 2);
  }

  @Test
  void a_classifier_sees_each_class_equally_often() {
    NormalizedNetwork network = images(0, 1).node("Flatten", List.of()).linear(512, 4);
    Inverted made = invert(network.model());

    assertThat(made.recognised().orElseThrow()).isGreaterThan(0.9);
    for (int label = 0; label < 4; label++) {
      assertThat(Collections.frequency(made.labels(), label)).isEqualTo(8);
    }
    assertThat(network.mismatch(made.images())).isLessThan(2 * REPRODUCED);
  }

  @Test
  void a_softmax_at_the_end_is_no_second_softmax() {
    NormalizedNetwork network =
        images(0, 1).node("Flatten", List.of()).linear(512, 4).node("Softmax", List.of());
    Inverted made = invert(network.model());

    assertThat(made.recognised().orElseThrow()).isGreaterThan(0.9);
    // Of probabilities taken for logits the entropy stays above that of (e, 1, 1, 1), 0.74.
    assertThat(made.losses().getFirst().getLast().labels()).isLessThan(0.5);
  }

  @Test
  void independent_labels_are_no_classes() {
    NormalizedNetwork network =
        images(0, 1)
            .node("GlobalAveragePool", List.of())
            .node("Flatten", List.of())
            .node("Sigmoid", List.of());

    assertThat(invert(network.model(), 8, 2, 0, 1).labels()).isEmpty();
  }

  @Test
  void signals_of_one_axis_are_made() {
    NormalizedNetwork network =
        network(NormalizedNetwork.noise(2, 3, 32, 2, 40), -1, 2, 40)
            .convolution(2, 6, 1)
            .normalize()
            .relu()
            .convolution(6, 6, 1)
            .normalize();
    TensorValue.Floats made = invert(network.model()).images();

    assertThat(made.shape()).containsExactly(32, 2, 40);
    assertThat(network.mismatch(made)).isLessThan(REPRODUCED);
  }

  @Test
  void vectors_are_made_each_feature_in_its_own_scale() {
    TensorValue.Floats data = NormalizedNetwork.noise(0, 1, 256, 6);
    for (int i = 0; i < data.values().length; i++) {
      data.values()[i] = data.values()[i] * (float) Math.pow(10, i % 6 - 3) + i % 6;
    }
    NormalizedNetwork network =
        network(data, -1, 6).normalize().linear(6, 12).relu().linear(12, 10).normalize();
    TensorValue.Floats made = invert(network.model(), 128, 60, 0, 1).images();

    assertThat(made.shape()).containsExactly(128, 6);
    assertThat(network.mismatch(made)).isLessThan(2 * REPRODUCED);
  }

  @Test
  void channels_may_come_last() {
    NormalizedNetwork network =
        network(NormalizedNetwork.noise(50, 20, 32, 8, 8, 3), -1, 8, 8, 3)
            .node("Transpose", List.of(), Graph.integers("perm", 0, 3, 1, 2))
            .convolution(3, 8, 2)
            .normalize();
    TensorValue.Floats made = invert(network.model()).images();

    assertThat(made.shape()).containsExactly(32, 8, 8, 3);
    assertThat(network.mismatch(made)).isLessThan(REPRODUCED);
    assertThat(mean(made)).isCloseTo(50, within(10.0));
  }

  @Test
  void a_network_for_one_image_at_a_time_is_run_on_many() {
    NormalizedNetwork network =
        network(NormalizedNetwork.noise(0, 1, 1, 3, 8, 8), 1, 3, 8, 8)
            .convolution(3, 8, 2)
            .normalize()
            .relu();
    OnnxModel model =
        network.node("Reshape", List.of(network.longs(1, 512))).linear(512, 4).model();
    Inverted made = invert(model, 12, 20, 0, 1);

    assertThat(made.images().shape()).containsExactly(12, 3, 8, 8);
    assertThat(made.losses()).hasSize(1);
    assertThat(made.labels()).hasSize(12);
  }

  @Test
  void a_network_that_cannot_be_freed_of_its_batch_is_run_on_one_image_at_a_time() {
    NormalizedNetwork network =
        network(NormalizedNetwork.noise(0, 1, 1, 3, 8, 8), 1, 3, 8, 8)
            .convolution(3, 8, 2)
            .normalize();
    network.node("Squeeze", List.of(network.longs(0)));
    network.node("Unsqueeze", List.of(network.longs(0)));
    Inverted made = invert(network.convolution(8, 4, 2).normalize().model(), 3, 10, 0, 1);

    assertThat(made.images().shape()).containsExactly(3, 3, 8, 8);
    assertThat(made.losses()).hasSize(3);
    assertThat(made.reason()).contains("only runs batches of 1");
  }

  @Test
  void the_seed_decides_the_images_and_threads_do_not() {
    OnnxModel model = images(0, 1).node("Flatten", List.of()).linear(512, 5).model();
    float[] images = invert(model, 16, 12, 3, 1).images().values();

    assertThat(invert(model, 16, 12, 3, 2).images().values()).containsExactly(images);
    assertThat(Arrays.equals(invert(model, 16, 12, 4, 1).images().values(), images)).isFalse();
  }

  @Test
  void images_are_made_in_batches_that_differ() {
    Inverted made =
        Inversion.run(
            images(0, 1).model(),
            new InversionOptions(
                OptionalInt.of(10),
                OptionalInt.of(15),
                InversionOptions.USUAL_STEPS,
                OptionalInt.of(4),
                0,
                1,
                InversionOptions.USUAL_WORK,
                Map.of(),
                LossWeights.DEFAULT),
            Progress.SILENT);

    assertThat(made.losses()).hasSize(3);
    assertThat(made.images().shape()).containsExactly(10, 3, 8, 8);
    float[] values = made.images().values();
    assertThat(Arrays.copyOfRange(values, 0, 192))
        .isNotEqualTo(Arrays.copyOfRange(values, 4 * 192, 5 * 192));
  }

  @Test
  void without_batch_normalisation_the_message_says_what_to_use() {
    OnnxModel model =
        network(NormalizedNetwork.noise(0, 1, 1, 3, 8, 8), -1, 3, 8, 8)
            .convolution(3, 8, 2)
            .relu()
            .model();

    assertThatThrownBy(() -> invert(model))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("model.onnx", "--repair data --data PATH", "approximate");
  }

  @Test
  void an_operator_without_a_gradient_is_named() {
    NormalizedNetwork network = network(NormalizedNetwork.noise(0, 1, 8, 6), -1, 6).linear(6, 6);
    network.node("Mod", List.of(network.floats(new float[] {1}, 1)), Graph.integer("fmod", 1));

    assertThatThrownBy(() -> invert(network.normalize().model()))
        .isInstanceOf(UnsupportedGradient.class)
        .hasMessageContaining("Mod");
  }

  @Test
  void a_network_that_gives_no_numbers_is_refused_with_the_layer() {
    NormalizedNetwork network =
        network(NormalizedNetwork.noise(0, 1, 16, 3, 8, 8), -1, 3, 8, 8)
            .node("Abs", List.of())
            .node("Neg", List.of())
            .node("Log", List.of())
            .normalize(new float[3], new float[] {1, 1, 1});

    assertThatThrownBy(() -> invert(network.model()))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("no number", "BatchNormalization");
  }

  @Test
  void a_loss_that_stops_being_a_number_ends_the_batch_with_its_best_images() {
    // No root is -1, but on the way there values fall below 0 and have none at all.
    NormalizedNetwork network = network(NormalizedNetwork.noise(0, 1, 16, 3, 8, 8), -1, 3, 8, 8);
    network.node("Add", List.of(network.floats(new float[] {6}, 1))).node("Sqrt", List.of());
    network.normalize(new float[] {-1, -1, -1}, new float[] {1, 1, 1});
    Inverted made = invert(network.model(), 16, 200, 0, 1);

    assertThat(made.diverged()).isTrue();
    List<LossTerms> losses = made.losses().getFirst();
    assertThat(losses).hasSizeLessThan(200);
    double least = losses.stream().mapToDouble(LossTerms::total).min().orElseThrow();
    assertThat(least).isLessThan(losses.getFirst().total());
    for (float value : made.images().values()) {
      assertThat(value).isFinite();
    }
  }
}
