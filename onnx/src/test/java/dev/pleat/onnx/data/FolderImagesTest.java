package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FolderImagesTest {
  private static final int RGB = BufferedImage.TYPE_INT_RGB;
  private static final int GREY = BufferedImage.TYPE_BYTE_GRAY;

  @TempDir Path folder;

  @Test
  void sub_folders_are_the_classes_in_the_order_of_their_names() {
    SmallFiles.picture(folder.resolve("dog/1.png"), "png", RGB, 2, 3, 0x102030);
    SmallFiles.picture(folder.resolve("cat/b.PNG"), "png", RGB, 2, 3, 0x405060);
    SmallFiles.picture(folder.resolve("cat/a.bmp"), "bmp", RGB, 4, 5, 0x708090);
    SmallFiles.write(folder.resolve("cat/.hidden.png"), new byte[1]);
    SmallFiles.write(folder.resolve("readme.txt"), new byte[1]);
    ImageSet set = ImageSets.open(folder, Optional.empty());
    assertThat(set.count()).isEqualTo(3);
    assertThat(set.classNames()).containsExactly("cat", "dog");
    assertThat(set.label(0)).hasValue(0);
    assertThat(set.label(2)).hasValue(1);
    assertThat(set.image(0).height()).isEqualTo(4);
    Image dog = set.image(2);
    assertThat(dog.value(0, 1, 2)).isEqualTo(0x10);
    assertThat(dog.value(1, 1, 2)).isEqualTo(0x20);
    assertThat(dog.value(2, 1, 2)).isEqualTo(0x30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "gif", "jpg"})
  void grey_values_are_read_as_they_are_stored(String format) {
    Path file = folder.resolve("x." + format);
    SmallFiles.picture(file, format, GREY, 8, 8, 100);
    ImageSet set = ImageSets.open(folder, Optional.empty());
    assertThat(set.channels()).isEqualTo(1);
    assertThat(set.image(0).value(0, 3, 3)).isBetween(99, 101);
  }

  @Test
  void sixteen_bit_grey_is_scaled_to_eight() throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSample(0, 0, 0, 65535);
    image.getRaster().setSample(1, 0, 0, 257 * 100);
    javax.imageio.ImageIO.write(image, "png", folder.resolve("x.png").toFile());
    Image read = ImageSets.open(folder, Optional.empty()).image(0);
    assertThat(read.value(0, 0, 0)).isEqualTo(255);
    assertThat(read.value(0, 0, 1)).isEqualTo(100);
  }

  @Test
  void a_flat_folder_has_no_labels_unless_they_are_given() {
    SmallFiles.picture(folder.resolve("set/1.png"), "png", GREY, 2, 2, 1);
    SmallFiles.picture(folder.resolve("set/2.png"), "png", GREY, 2, 2, 2);
    Path set = folder.resolve("set");
    Path labels = SmallFiles.idx(folder.resolve("labels"), new byte[] {4, 6}, 2);
    assertThat(ImageSets.open(set, Optional.empty()).labelled()).isFalse();
    assertThat(ImageSets.open(set, Optional.of(labels)).label(1)).hasValue(6);
    Path one = SmallFiles.idx(folder.resolve("one"), new byte[] {4}, 1);
    assertThatThrownBy(() -> ImageSets.open(set, Optional.of(one)))
        .hasMessageContainingAll("1 labels", "2 images");
  }

  @Test
  void folders_without_images_are_refused() throws IOException {
    assertThatThrownBy(() -> ImageSets.open(folder, Optional.empty()))
        .hasMessageContaining("no .png");
    Files.createDirectory(folder.resolve("empty class"));
    assertThatThrownBy(() -> ImageSets.open(folder, Optional.empty()))
        .hasMessageContaining("no .png");
    assertThatThrownBy(() -> ImageSets.open(folder.resolve("none"), Optional.empty()))
        .hasMessageContaining("no such file");
  }

  @Test
  @Timeout(30)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no named pipes in folders")
  void a_pipe_keeps_nobody_waiting() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> ImageSets.open(pipe, Optional.empty()))
        .hasMessageContaining("no ordinary file");
  }

  @Test
  void images_beside_class_folders_and_labels_beside_them_are_refused() {
    Path one = SmallFiles.picture(folder.resolve("a/1.png"), "png", GREY, 2, 2, 1);
    assertThatThrownBy(() -> ImageSets.open(folder, Optional.of(one)))
        .hasMessageContaining("leave out --labels");
    SmallFiles.picture(folder.resolve("2.png"), "png", GREY, 2, 2, 1);
    assertThatThrownBy(() -> ImageSets.open(folder, Optional.empty()))
        .hasMessageContaining("beside sub-folders");
  }

  @Test
  void damaged_images_are_named() throws IOException {
    SmallFiles.write(folder.resolve("bad.png"), new byte[] {1, 2, 3});
    ImageSet set = ImageSets.open(folder, Optional.empty());
    assertThatThrownBy(() -> set.image(0)).hasMessageContainingAll("bad.png", "not a readable");
    Path good = SmallFiles.picture(folder.resolve("bad.png"), "png", RGB, 64, 64, 0x123456);
    byte[] bytes = Files.readAllBytes(good);
    Files.write(good, Arrays.copyOf(bytes, bytes.length / 3));
    assertThatThrownBy(() -> set.image(0)).hasMessageContainingAll("bad.png", "not a readable");
    // The width of a PNG stands at byte 16.
    bytes[16] = 0x7f;
    Files.write(good, bytes);
    assertThatThrownBy(() -> set.image(0)).hasMessageContainingAll("bad.png", "not a readable");
  }
}
