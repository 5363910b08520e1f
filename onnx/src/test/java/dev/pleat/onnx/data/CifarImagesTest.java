package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CifarImagesTest {
  @TempDir Path folder;

  @Test
  void a_cifar_10_file_is_read() {
    Path file = SmallFiles.write(folder.resolve("x.bin"), SmallFiles.cifar(1, 3, 9, 0));
    ImageSet set = ImageSets.open(file, Optional.empty());
    assertThat(set.count()).isEqualTo(3);
    assertThat(set.label(1)).hasValue(9);
    assertThat(set.channels()).isEqualTo(3);
    assertThat(set.height()).isEqualTo(32);
    assertThat(set.image(2).value(2, 31, 31)).isEqualTo(2);
  }

  @Test
  void a_cifar_100_file_gives_the_fine_label() {
    Path file = SmallFiles.write(folder.resolve("x.bin"), SmallFiles.cifar(2, 99, 42));
    ImageSet set = ImageSets.open(file, Optional.empty());
    assertThat(set.count()).isEqualTo(2);
    assertThat(set.label(0)).hasValue(99);
  }

  @Test
  void a_folder_gives_its_training_batches_in_order_and_its_class_names() {
    SmallFiles.write(folder.resolve("data_batch_2.bin"), SmallFiles.cifar(1, 5));
    SmallFiles.write(folder.resolve("data_batch_1.bin"), SmallFiles.cifar(1, 1, 2));
    SmallFiles.write(
        folder.resolve("batches.meta.txt"), "cat\ndog\n\n".getBytes(StandardCharsets.UTF_8));
    ImageSet set = ImageSets.open(folder, Optional.empty());
    assertThat(set.count()).isEqualTo(3);
    assertThat(set.label(0)).hasValue(1);
    assertThat(set.label(2)).hasValue(5);
    assertThat(set.classNames()).containsExactly("cat", "dog");
  }

  @Test
  void a_folder_with_a_test_batch_gives_only_that() {
    SmallFiles.write(folder.resolve("data_batch_1.bin"), SmallFiles.cifar(1, 1, 2));
    SmallFiles.write(folder.resolve("test_batch.bin"), SmallFiles.cifar(1, 8));
    ImageSet set = ImageSets.open(folder, Optional.empty());
    assertThat(set.count()).isEqualTo(1);
    assertThat(set.label(0)).hasValue(8);
  }

  @Test
  void damaged_files_are_refused() {
    byte[] whole = SmallFiles.cifar(1, 1, 2);
    Path cut = SmallFiles.write(folder.resolve("test_batch.bin"), Arrays.copyOf(whole, 5000));
    assertThatThrownBy(() -> ImageSets.open(folder, Optional.empty()))
        .hasMessageContainingAll("test_batch.bin", "5000 bytes");
    assertThatThrownBy(() -> ImageSets.open(cut, Optional.empty()))
        .hasMessageContaining("5000 bytes");
    Path label = SmallFiles.write(folder.resolve("label.bin"), SmallFiles.cifar(1, 1, 10));
    assertThatThrownBy(() -> ImageSets.open(label, Optional.empty()))
        .hasMessageContainingAll("record 1", "is 10");
  }

  @Test
  void a_record_that_begins_like_an_idx_header_is_still_cifar() {
    byte[] bytes = SmallFiles.cifar(2, 0, 1);
    bytes[2] = 8;
    bytes[3] = 3;
    Path file = SmallFiles.write(folder.resolve("x.bin"), bytes);
    assertThat(ImageSets.open(file, Optional.empty()).image(0).channels()).isEqualTo(3);
  }

  @Test
  void labels_beside_cifar_are_refused() {
    Path file = SmallFiles.write(folder.resolve("x.bin"), SmallFiles.cifar(1, 1));
    assertThatThrownBy(() -> ImageSets.open(file, Optional.of(file)))
        .hasMessageContaining("leave out --labels");
  }
}
