package dev.pleat.llm.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.ModelFolder;
import dev.pleat.llm.TinyModel;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors that are too large to be decoded as a whole give the same as others. */
class LayerTensorsTest {
  private static final long ALL = Long.MAX_VALUE;
  private static final long NONE = 0;

  @TempDir private Path folder;

  @BeforeEach
  void writeModel() throws IOException {
    ModelFolder.write(TinyModel.llama(5), DataType.BF16, folder);
  }

  private Map<String, float[]> folded(long mostDecoded) {
    try (OpenModel model = OpenModel.open(folder, Optional.empty())) {
      ChannelGroup group = model.groups().feedForwards().getFirst().groups().getFirst();
      LayerTensors tensors = new LayerTensors(model.checkpoint(), mostDecoded);
      Folding.fold(
          tensors,
          Optional.empty(),
          List.of(group),
          new int[] {group.width() / 2},
          Strategy.onWeights(Method.FOLD, Repair.NONE, "", ""),
          0,
          2,
          Progress.SILENT,
          ClusterObserver.NONE);
      Map<String, float[]> values = new TreeMap<>();
      for (Slot slot : group.slots()) {
        values.put(slot.tensor(), tensors.read(slot.tensor()).values());
      }
      return values;
    }
  }

  @Test
  void a_layer_folds_to_the_same_bits() {
    Map<String, float[]> usual = folded(ALL);
    Map<String, float[]> large = folded(NONE);

    assertThat(large).hasSameSizeAs(usual).hasSize(3);
    usual.forEach((name, values) -> assertThat(large.get(name)).isEqualTo(values));
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"F32", "F64", "F16", "BF16"})
  void pieces_are_those_of_the_whole(DataType type) throws IOException {
    Path model = ModelFolder.write(TinyModel.llama(6), type, folder.resolve(type.name()));
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      LayerTensors tensors = new LayerTensors(checkpoint, NONE);
      for (String name : checkpoint.names()) {
        float[] whole = checkpoint.floats(name);
        float[] piece = new float[whole.length + 2];
        int from = whole.length / 3;
        tensors.source(name).copy(from, piece, 2, whole.length - from);

        assertThat(Arrays.copyOfRange(piece, 2, 2 + whole.length - from))
            .isEqualTo(Arrays.copyOfRange(whole, from, whole.length));
      }
    }
  }

  @Test
  void what_was_written_takes_the_place_of_what_was_read() {
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      LayerTensors tensors = new LayerTensors(checkpoint, NONE);
      String name = checkpoint.names().iterator().next();
      tensors.write(name, new Tensor(new int[] {1, 2}, new float[] {3, 4}));
      float[] piece = new float[2];
      tensors.source(name).copy(0, piece, 0, 2);

      assertThat(piece).containsExactly(3, 4);
      assertThat(tensors.shape(name)).containsExactly(1, 2);
      assertThat(tensors.read(name).values()).containsExactly(3, 4);
    }
  }

  @Test
  void what_is_not_finite_is_named_before_any_work() throws IOException {
    String name = "model.layers.0.mlp.up_proj.weight";
    long at;
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      at = checkpoint.info(name).offset() + 2 * 5;
    }
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
      file.seek(at);
      file.write(new byte[] {(byte) 0xc0, 0x7f});
    }
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      for (long mostDecoded : new long[] {ALL, NONE}) {
        assertThatThrownBy(() -> new LayerTensors(checkpoint, mostDecoded).source(name))
            .isInstanceOf(PleatException.class)
            .hasMessageContaining("tensor '" + name + "' holds NaN at element 5");
      }
    }
  }
}
