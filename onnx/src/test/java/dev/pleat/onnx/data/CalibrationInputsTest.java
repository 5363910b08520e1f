package dev.pleat.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CalibrationInputsTest {
  @TempDir private Path folder;

  private static TensorType input(long... shape) {
    return new TensorType("x", TensorType.Kind.FLOAT, 1, shape, List.of());
  }

  private static float[] values(CalibrationInputs inputs, int from, int to) {
    Map<String, TensorValue> batch = inputs.batch(from, to);
    assertThat(batch).containsOnlyKeys("x");
    TensorValue.Floats floats = (TensorValue.Floats) batch.values().iterator().next();
    assertThat(floats.shape()[0]).isEqualTo(to - from);
    return floats.values();
  }

  private static TensorValue.Floats rising() {
    return new TensorValue.Floats(new long[] {4, 2}, new float[] {0, 1, 2, 3, 4, 5, 6, 7});
  }

  @Test
  void fewer_images_than_a_set_has_are_spread_over_it() {
    byte[] pixels = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    Path file = SmallFiles.idx(folder.resolve("images.idx"), pixels, 10, 1, 1);
    ImageSet images = ImageSets.open(file, Optional.empty());
    ImageInput input = ImageInput.of(List.of(input(-1, 1, 1, 1)), Map.of(), Preprocessing.plain());

    ImageCalibration four = new ImageCalibration(images, input, 4);

    assertThat(four.description()).startsWith("4 images of ").contains("images.idx");
    assertThat(values(four, 0, 4)).containsExactly(0, 2 / 255f, 5 / 255f, 7 / 255f);
    assertThat(values(four, 2, 3)).containsExactly(5 / 255f);
  }

  @Test
  void an_array_gives_its_first_entries() {
    Path file = folder.resolve("inputs.npy");
    TensorFile.write(file, rising());
    try (TensorFile array = TensorFile.open(file)) {
      TensorCalibration three = TensorCalibration.of(array, List.of(input(-1, 2)), 3);

      assertThat(three.count()).isEqualTo(3);
      assertThat(three.description()).startsWith("3 of 4 entries of ").contains("inputs.npy");
      assertThat(values(three, 1, 3)).containsExactly(2, 3, 4, 5);
      assertThat(TensorCalibration.of(array, List.of(input(8, 2)), 100).count()).isEqualTo(4);
    }
  }

  @Test
  void inputs_in_memory_are_cut_along_their_first_axis() {
    HeldInputs held = new HeldInputs("four", "x", rising());

    assertThat(held.count()).isEqualTo(4);
    assertThat(values(held, 3, 4)).containsExactly(6, 7);
    assertThat(values(held, 0, 2)).containsExactly(0, 1, 2, 3);
  }
}
