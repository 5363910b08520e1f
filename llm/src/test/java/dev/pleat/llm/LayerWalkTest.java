package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.CheckpointWeights;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ReplacedWeights;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerWalkTest {
  private static final String DOWN = "model.layers.0.mlp.down_proj.weight";

  @TempDir private Path folder;

  @Test
  void the_neurons_are_what_the_down_projection_reads() {
    try (Checkpoint checkpoint = Checkpoint.open(Stories.directory())) {
      LayerWalk walk =
          new LayerWalk(
              Model.of(checkpoint, Optional.empty()),
              new Batch(new int[][] {{1, 403, 407}, {1, 385, 328}}),
              1);
      HiddenStates before = walk.embed();
      LayerWalk.Passed passed = walk.layer(0, before);
      HiddenStates neurons = passed.neurons().orElseThrow();
      Tensor nothing = new Tensor(new int[] {64, 172}, new float[64 * 172]);
      HiddenStates without =
          walk.layer(
                  0,
                  before,
                  new ReplacedWeights(new CheckpointWeights(checkpoint), Map.of(DOWN, nothing)))
              .states();

      assertThat(neurons.rows()).isEqualTo(6);
      assertThat(neurons.width()).isEqualTo(172);
      assertThat(passed.experts()).isEmpty();
      float[] down = checkpoint.floats(DOWN);
      for (int row = 0; row < 6; row++) {
        for (int h = 0; h < 64; h++) {
          double sum = without.values()[row * 64 + h];
          for (int n = 0; n < 172; n++) {
            sum += (double) neurons.values()[row * 172 + n] * down[h * 172 + n];
          }
          assertThat(passed.states().values()[row * 64 + h]).isCloseTo((float) sum, within(1e-5f));
        }
      }
    }
  }

  @Test
  void narrower_weights_give_narrower_neurons() {
    try (Checkpoint checkpoint = Checkpoint.open(Stories.directory())) {
      Model model = Model.of(checkpoint, Optional.empty());
      LayerWalk walk = new LayerWalk(model, new Batch(new int[][] {{1, 403}}), 1);
      String layer = "model.layers.0.mlp.";
      ReplacedWeights narrow =
          new ReplacedWeights(
              model.weights(),
              Map.of(
                  layer + "gate_proj.weight",
                  first(checkpoint, layer + "gate_proj.weight", 100, 64),
                  layer + "up_proj.weight",
                  first(checkpoint, layer + "up_proj.weight", 100, 64),
                  DOWN,
                  new Tensor(new int[] {64, 100}, new float[6400])));
      HiddenStates states = walk.embed();

      HiddenStates all = walk.layer(0, states).neurons().orElseThrow();
      HiddenStates some = walk.layer(0, states, narrow).neurons().orElseThrow();

      assertThat(some.width()).isEqualTo(100);
      assertThat(Arrays.copyOf(some.values(), 100))
          .containsExactly(Arrays.copyOf(all.values(), 100), within(1e-6f));
    }
  }

  private static Tensor first(Checkpoint checkpoint, String name, int rows, int columns) {
    return new Tensor(
        new int[] {rows, columns}, Arrays.copyOf(checkpoint.floats(name), rows * columns));
  }

  @Test
  void each_expert_shows_the_tokens_that_chose_it() throws IOException {
    TinyModel tiny =
        TinyModel.random(
            Architectures.bundled().stream()
                .filter(a -> a.family().equals("mixtral"))
                .findFirst()
                .orElseThrow(),
            "mixtral",
            false,
            3);
    Path directory = ModelFolder.write(tiny, DataType.F32, folder.resolve("model"));
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      LayerWalk walk =
          new LayerWalk(
              Model.of(checkpoint, Optional.empty()),
              new Batch(new int[][] {{3, 1, 4, 1, 5, 9, 2, 6}}),
              1);
      LayerWalk.Passed passed = walk.layer(0, walk.embed());

      assertThat(passed.neurons()).isEmpty();
      assertThat(passed.experts())
          .hasSize(TinyModel.EXPERTS)
          .allSatisfy(expert -> {
            assertThat(expert.neurons().width()).isEqualTo(TinyModel.NEURONS);
            assertThat(expert.neurons().rows()).isEqualTo(expert.rows().length);
            assertThat(expert.rows()).isSorted().doesNotHaveDuplicates();
          });
      assertThat(passed.experts().stream().mapToInt(e -> e.rows().length).sum()).isEqualTo(16);
    }
  }
}
