package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageInputTest {
  @TempDir Path folder;

  private static TensorType input(long... shape) {
    return new TensorType("image", TensorType.Kind.FLOAT, 1, shape, List.of("", "", "", ""));
  }

  private static ImageInput of(Preprocessing how, long... shape) {
    return ImageInput.of(List.of(input(shape)), Map.of(), how);
  }

  private static Preprocessing sized(int height, int width) {
    return new Preprocessing(
        List.of(0.0), List.of(1.0), Optional.of(new ImageSize(height, width)), Optional.empty());
  }

  private ImageSet grey(int height, int width, int... pixels) {
    byte[] bytes = new byte[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      bytes[i] = (byte) pixels[i];
    }
    int count = pixels.length / height / width;
    return ImageSets.open(
        SmallFiles.idx(folder.resolve("images"), bytes, count, height, width), Optional.empty());
  }

  private ImageSet colour() {
    return ImageSets.open(
        SmallFiles.write(folder.resolve("x.bin"), SmallFiles.cifar(1, 0, 0, 0)), Optional.empty());
  }

  @Test
  void pixels_are_scaled_shifted_and_divided() {
    Preprocessing how =
        new Preprocessing(List.of(0.5), List.of(0.25), Optional.empty(), Optional.empty());
    TensorValue.Floats batch = of(how, -1, 1, 1, 2).batch(grey(1, 2, 0, 255), 0, 1, 1);
    assertThat(batch.shape()).containsExactly(1, 1, 1, 2);
    assertThat(batch.values()).containsExactly(-2f, 2f);
  }

  @Test
  void the_layout_is_seen_from_the_model() {
    assertThat(of(Preprocessing.plain(), -1, 3, -1, -1).layout()).isEqualTo(Layout.NCHW);
    assertThat(of(Preprocessing.plain(), -1, 32, 32, 3).layout()).isEqualTo(Layout.NHWC);
    assertThat(of(Preprocessing.plain(), -1, 32, 32, 1).layout()).isEqualTo(Layout.NHWC);
    assertThat(of(Preprocessing.plain(), -1, -1, -1, -1).layout()).isEqualTo(Layout.NCHW);
  }

  @Test
  void each_channel_has_its_own_mean_in_both_layouts() {
    Preprocessing how =
        new Preprocessing(
            List.of(0.0, 1.0, 2.0), List.of(1.0, 2.0, 4.0), Optional.empty(), Optional.empty());
    float[] last = of(how, -1, 32, 32, 3).batch(colour(), 0, 1, 1).values();
    assertThat(List.of(last[0], last[1], last[2])).containsExactly(0f, -0.5f, -0.5f);
    float[] first = of(how, -1, 3, 32, 32).batch(colour(), 0, 1, 1).values();
    assertThat(List.of(first[0], first[1024], first[2048])).containsExactly(0f, -0.5f, -0.5f);
  }

  @Test
  void a_short_batch_repeats_its_last_image() {
    float[] values =
        of(Preprocessing.plain(), 4, 1, 1, 1).batch(grey(1, 1, 51, 102, 255), 1, 3, 4).values();
    assertThat(values).containsExactly(0.4f, 1f, 1f, 1f);
  }

  @Test
  void resizing_interpolates_between_pixel_centres() {
    ImageSet images = grey(1, 2, 0, 255);
    float[] wider = of(sized(1, 4), -1, 1, -1, -1).batch(images, 0, 1, 1).values();
    assertThat(wider).containsExactly(new float[] {0f, 0.25f, 0.75f, 1f}, within(1e-6f));
    float[] narrower = of(sized(2, 1), -1, 1, 2, 1).batch(images, 0, 1, 1).values();
    assertThat(narrower).containsExactly(new float[] {0.5f, 0.5f}, within(1e-6f));
  }

  @Test
  void an_image_of_another_size_needs_the_option() {
    ImageInput input = of(Preprocessing.plain(), -1, 1, 28, 28);
    assertThatThrownBy(() -> input.batch(grey(1, 2, 0, 255), 0, 1, 1))
        .hasMessageContainingAll("1x2", "28x28", "--size 28x28");
    assertThatThrownBy(() -> of(sized(4, 4), -1, 1, 28, 28).batch(grey(1, 1, 0), 0, 1, 1))
        .hasMessageContainingAll("--size 4x4", "28x28");
  }

  @Test
  void another_number_of_channels_is_refused_with_what_to_do() {
    ImageInput rgb = of(Preprocessing.plain(), -1, 3, 1, 1);
    assertThatThrownBy(() -> rgb.batch(grey(1, 1, 0), 0, 1, 1))
        .hasMessageContainingAll("1 channel", "3 channels", "as RGB");
    ImageInput grey = of(Preprocessing.plain(), -1, 1, 32, 32);
    assertThatThrownBy(() -> grey.batch(colour(), 0, 1, 1))
        .hasMessageContainingAll("3 channels", "1 channel", "greyscale");
    Preprocessing two =
        new Preprocessing(List.of(0.0, 0.0), List.of(1.0), Optional.empty(), Optional.empty());
    assertThatThrownBy(() -> of(two, -1, 3, 32, 32).batch(colour(), 0, 1, 1))
        .hasMessageContainingAll("--mean", "give 1 or 3");
  }

  @Test
  void given_shapes_fill_what_the_model_leaves_open() {
    ImageInput input =
        ImageInput.of(
            List.of(input(-1, 1, -1, -1)),
            Map.of("*", new long[] {1, 1, 5, 5}),
            Preprocessing.plain());
    assertThatThrownBy(() -> input.batch(grey(1, 1, 0), 0, 1, 1)).hasMessageContaining("5x5");
  }

  @Test
  void inputs_that_take_no_images_are_refused() {
    TensorType text =
        new TensorType("ids", TensorType.Kind.INTEGER, 7, new long[] {-1, -1}, List.of("n", "s"));
    assertThatThrownBy(() -> ImageInput.of(List.of(text), Map.of(), Preprocessing.plain()))
        .hasMessageContainingAll("ids", "takes no images");
    assertThatThrownBy(() -> ImageInput.of(List.of(text, text), Map.of(), Preprocessing.plain()))
        .hasMessageContaining("2 inputs");
  }

  @Test
  void preprocessing_without_sense_is_refused() {
    assertThatThrownBy(
            () -> new Preprocessing(List.of(0.0), List.of(0.0), Optional.empty(), Optional.empty()))
        .hasMessageContaining("--std");
    assertThatThrownBy(() ->
            new Preprocessing(
                List.of(Double.NaN), List.of(1.0), Optional.empty(), Optional.empty()))
        .hasMessageContaining("--mean");
    assertThatThrownBy(() -> new ImageSize(0, 3)).hasMessageContaining("size of images");
  }
}
