package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.Linear;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(strings = {"llama", "phi3", "gpt2", "bert", "gemma2"})
  void slopes_say_how_neurons_change_with_the_projections_into_them(String family)
      throws IOException {
    Architecture architecture =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals(family))
            .findFirst()
            .orElseThrow();
    TinyModel tiny = TinyModel.random(architecture, architecture.modelTypes().getFirst(), false, 4);
    Path directory = ModelFolder.write(tiny, DataType.F32, folder.resolve("model"));
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      Model model = Model.of(checkpoint, Optional.empty());
      LayerWalk walk = new LayerWalk(model, new Batch(new int[][] {{3, 1, 4, 1, 5, 9}}), 1);
      HiddenStates before = walk.embed();
      LayerWalk.Passed passed = walk.linearised(0, before, model.weights());
      HiddenStates read = passed.read().orElseThrow();
      HiddenStates slopes = passed.slopes().orElseThrow();
      HiddenStates neurons = passed.neurons().orElseThrow();
      FeedForward.Dense block =
          (FeedForward.Dense) model.blueprint().layers().getFirst().feedForward();
      SplittableRandom random = new SplittableRandom(7);
      Map<String, Tensor> changed = new HashMap<>();
      float[] expected = neurons.values().clone();
      int at = 0;
      for (Linear linear : producers(block)) {
        float[] weights = checkpoint.floats(linear.weight());
        int rows = weights.length / TinyModel.HIDDEN;
        for (int r = 0; r < rows; r++, at++) {
          for (int i = 0; i < TinyModel.HIDDEN; i++) {
            float change = (float) random.nextDouble(-1e-3, 1e-3);
            weights[linear.transposed() ? i * rows + r : r * TinyModel.HIDDEN + i] += change;
            for (int p = 0; p < read.rows(); p++) {
              expected[p * TinyModel.NEURONS + at % TinyModel.NEURONS] +=
                  slopes.values()[p * slopes.width() + at]
                      * change
                      * read.values()[p * TinyModel.HIDDEN + i];
            }
          }
        }
        int[] shape =
            Arrays.stream(checkpoint.info(linear.weight()).shape())
                .mapToInt(Math::toIntExact)
                .toArray();
        changed.put(linear.weight(), new Tensor(shape, weights));
      }
      assertThat(at).isEqualTo(slopes.width());

      HiddenStates found =
          walk.layer(0, before, new ReplacedWeights(model.weights(), changed))
              .neurons()
              .orElseThrow();

      assertThat(found.values()).containsExactly(expected, within(5e-4f));
      float[] far = neurons.plus(found, -1).lengths();
      Arrays.sort(far);
      assertThat(far[far.length - 1]).isGreaterThan(1e-3f);
    }
  }

  private static List<Linear> producers(FeedForward.Dense block) {
    return switch (block) {
      case FeedForward.Plain(var up, var down, var activation) -> List.of(up);
      case FeedForward.Gated(var gate, var up, var down, var activation) -> List.of(gate, up);
      case FeedForward.JoinedGated(var both, var down, var activation) -> List.of(both);
    };
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
