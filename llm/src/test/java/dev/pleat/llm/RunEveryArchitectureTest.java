package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every family runs. Whether it computes what it should, tools/compare_with_transformers.py says.
 */
class RunEveryArchitectureTest {
  private static final Batch BATCH =
      new Batch(new int[][] {{3, 1, 4, 1, 5, 9, 2, 6}, {2, 7, 1, 8, 2, 8, 1, 8}});

  @TempDir private Path folder;

  static List<Arguments> types() {
    return types(architecture -> true);
  }

  static List<Arguments> languageModels() {
    return types(architecture -> architecture.output().linear().isPresent());
  }

  private static List<Arguments> types(Predicate<Architecture> wanted) {
    return Architectures.bundled().stream()
        .filter(wanted)
        .flatMap(a -> a.modelTypes().stream().map(type -> Arguments.of(type, a)))
        .toList();
  }

  private static <T> T run(Path directory, Function<Model, T> use) {
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return use.apply(Model.of(checkpoint, Optional.empty()));
    }
  }

  /** The hidden states behind the last layer, layer by layer. */
  private static float[] walk(Model model) {
    LayerWalk walk = new LayerWalk(model, BATCH, 1);
    HiddenStates states = walk.embed();
    for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
      states = walk.layer(layer, states).states();
    }
    return states.values();
  }

  private static float[] whole(Model model) {
    try (LanguageModel whole = LanguageModel.open(model, 2)) {
      return whole.read(BATCH).values();
    }
  }

  private static float[] logits(Model model) {
    try (LanguageModel whole = LanguageModel.open(model, 1)) {
      return whole.logits(whole.read(BATCH), 0, BATCH.rows());
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("types")
  void doubled_neurons_and_heads_change_nothing(String type, Architecture architecture)
      throws IOException {
    boolean heads = architecture.attention().heads() instanceof AttentionDescription.Heads.Free;
    Widening.Pair pair =
        Widening.of(TinyModel.random(architecture, type, false, 5), heads, type.hashCode());
    Path wide = ModelFolder.write(pair.wide(), DataType.F32, folder.resolve("wide"));
    Path narrow = ModelFolder.write(pair.expected(), DataType.F32, folder.resolve("narrow"));
    boolean predicts = architecture.output().linear().isPresent();
    Function<Model, float[]> result =
        predicts ? RunEveryArchitectureTest::logits : RunEveryArchitectureTest::walk;

    float[] expected = run(narrow, result);

    assertThat(expected)
        .hasSize(BATCH.rows() * (predicts ? TinyModel.VOCABULARY : TinyModel.HIDDEN));
    assertThat(spread(expected)).isBetween(0.1f, 1e4f);
    assertThat(run(wide, result)).containsExactly(expected, within(1e-4f * spread(expected)));
  }

  private static float spread(float[] values) {
    float largest = 0;
    for (float value : values) {
      assertThat(value).isFinite();
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("languageModels")
  void layer_by_layer_is_the_same_as_whole(String type, Architecture architecture)
      throws IOException {
    TinyModel tiny = TinyModel.random(architecture, type, false, 6);
    Path directory = ModelFolder.write(tiny, DataType.F32, folder.resolve("model"));

    float[] expected = run(directory, RunEveryArchitectureTest::whole);

    assertThat(run(directory, RunEveryArchitectureTest::walk))
        .containsExactly(expected, within(1e-4f * spread(expected)));
  }

  static final List<DataType> TYPES = List.of(DataType.BF16, DataType.F16, DataType.F64);

  @ParameterizedTest
  @FieldSource("TYPES")
  void other_element_types_are_computed_in_32_bits(DataType type) throws IOException {
    TinyModel tiny = TinyModel.llama(7);
    Path expected = ModelFolder.write(tiny, DataType.F32, folder.resolve("expected"));
    Path stored = ModelFolder.write(tiny, type, folder.resolve("stored"));

    assertThat(run(stored, RunEveryArchitectureTest::logits))
        .isEqualTo(run(expected, RunEveryArchitectureTest::logits));
  }
}
