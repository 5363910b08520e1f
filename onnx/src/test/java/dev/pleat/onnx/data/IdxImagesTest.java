package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IdxImagesTest {
  private static final byte[] PIXELS = {0, 1, 2, 3, 4, 5, (byte) 250, (byte) 251, 8, 9, 10, 11};

  @TempDir Path folder;

  private static void assertPixels(ImageSet images) {
    assertThat(images.count()).isEqualTo(2);
    assertThat(images.height()).isEqualTo(3);
    assertThat(images.width()).isEqualTo(2);
    assertThat(images.channels()).isEqualTo(1);
    assertThat(images.image(1).value(0, 0, 1)).isEqualTo(251);
    assertThat(images.image(0).value(0, 2, 1)).isEqualTo(5);
  }

  private void assertRefused(byte[] bytes, String... parts) {
    Path file = SmallFiles.write(folder.resolve("hostile"), bytes);
    assertThatThrownBy(() -> ImageSets.open(file, Optional.empty()))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("hostile")
        .hasMessageContainingAll(parts);
  }

  @Test
  void images_and_labels_are_read() {
    Path images = SmallFiles.idx(folder.resolve("images"), PIXELS, 2, 3, 2);
    Path labels = SmallFiles.idx(folder.resolve("labels"), new byte[] {7, (byte) 200}, 2);
    ImageSet set = ImageSets.open(images, Optional.of(labels));
    assertPixels(set);
    assertThat(set.labelled()).isTrue();
    assertThat(set.label(0)).hasValue(7);
    assertThat(set.label(1)).hasValue(200);
  }

  @Test
  void gzip_is_seen_by_its_bytes_not_by_its_name() {
    byte[] idx = SmallFiles.idxBytes(PIXELS, 2, 3, 2);
    Path packed = SmallFiles.write(folder.resolve("images.idx"), SmallFiles.gzip(idx));
    Path plain = SmallFiles.write(folder.resolve("images.gz"), idx);
    assertPixels(ImageSets.open(packed, Optional.empty()));
    assertPixels(ImageSets.open(plain, Optional.empty()));
    assertThat(ImageSets.open(plain, Optional.empty()).labelled()).isFalse();
  }

  @Test
  void a_cut_off_file_is_refused() {
    byte[] idx = SmallFiles.idxBytes(PIXELS, 2, 3, 2);
    assertRefused(Arrays.copyOf(idx, idx.length - 1), "asks for 28 bytes", "has 27");
    assertRefused(Arrays.copyOf(idx, 9), "header");
    assertRefused(SmallFiles.gzip(Arrays.copyOf(idx, idx.length - 1)), "cut off");
    byte[] gzip = SmallFiles.gzip(idx);
    assertRefused(Arrays.copyOf(gzip, gzip.length - 12), "gzip");
    assertRefused(Arrays.copyOf(gzip, 5), "gzip");
  }

  @Test
  void a_file_longer_than_its_header_is_refused() {
    byte[] idx = SmallFiles.idxBytes(PIXELS, 2, 3, 2);
    assertRefused(Arrays.copyOf(idx, idx.length + 1), "has 29");
    assertRefused(SmallFiles.gzip(Arrays.copyOf(idx, idx.length + 1)), "more than");
  }

  @Test
  void sizes_that_no_file_has_are_refused_before_anything_is_allocated() {
    assertRefused(SmallFiles.idxBytes(PIXELS, -1, -1, -1), "beyond any file");
    assertRefused(SmallFiles.idxBytes(PIXELS, Integer.MAX_VALUE, 28, 28), "2147483647");
    assertRefused(
        SmallFiles.idxBytes(
            PIXELS, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
        "beyond any file");
    assertRefused(
        SmallFiles.gzip(SmallFiles.idxBytes(PIXELS, Integer.MAX_VALUE, 28, 28)), "cannot hold");
    assertRefused(SmallFiles.idxBytes(new byte[0], 0, 28, 28), "empty");
    assertRefused(SmallFiles.idxBytes(PIXELS, 12), "no images");
  }

  @Test
  void another_element_type_or_another_format_is_refused() {
    byte[] floats = SmallFiles.idxBytes(PIXELS, 2, 3, 2);
    floats[2] = 0x0d;
    assertRefused(floats, "0x0d");
    assertRefused("hello".getBytes(java.nio.charset.StandardCharsets.UTF_8), "IDX");
    assertRefused(new byte[0], "IDX");
  }

  @Test
  void labels_that_do_not_match_the_images_are_refused() {
    Path images = SmallFiles.idx(folder.resolve("images"), PIXELS, 2, 3, 2);
    Path three = SmallFiles.idx(folder.resolve("three"), new byte[3], 3);
    assertThatThrownBy(() -> ImageSets.open(images, Optional.of(three)))
        .hasMessageContainingAll("3 labels", "2 images");
    assertThatThrownBy(() -> ImageSets.open(images, Optional.of(images)))
        .hasMessageContaining("no list of labels");
    assertThatThrownBy(() -> ImageSets.open(images, Optional.of(folder.resolve("none"))))
        .hasMessageContainingAll("--labels", "no such file");
  }
}
