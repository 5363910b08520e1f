package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.blueprint.Blueprint;
import dev.pleat.llm.blueprint.Rope;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from config.json reaches the blueprint, and what cannot be run is refused. */
class BlueprintTest {
  @TempDir private Path folder;

  /** The blueprint of a tiny model with more fields in its config. */
  private Blueprint blueprint(String family, String fields) throws IOException {
    Architecture architecture =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals(family))
            .findFirst()
            .orElseThrow();
    TinyModel tiny = TinyModel.random(architecture, architecture.modelTypes().getFirst(), false, 1);
    Path directory = ModelFolder.write(tiny, DataType.F32, folder);
    ModelFolder.edit(directory.resolve("config.json"), "\"model_type\"", fields + "\"model_type\"");
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      return Model.of(checkpoint, Optional.empty()).blueprint();
    }
  }

  private Rope rope(String scaling) throws IOException {
    return blueprint("llama", "\"rope_theta\": 1000000.0, \"rope_scaling\": " + scaling + ", ")
        .layers()
        .getFirst()
        .attention()
        .rope()
        .orElseThrow();
  }

  @Test
  void frequencies_fall_from_1_by_the_base() throws IOException {
    Rope rope = rope("null");

    assertThat(rope.magnitude()).isOne();
    assertThat(rope.frequencies()).hasSize(3).startsWith(1.0);
    assertThat(rope.frequencies().get(2)).isCloseTo(1e-4, within(1e-12));
  }

  @Test
  void linear_scaling_slows_every_pair() throws IOException {
    assertThat(rope("{\"type\": \"linear\", \"factor\": 4.0}").frequencies())
        .startsWith(0.25)
        .hasSize(3);
  }

  @Test
  void llama_3_scaling_slows_long_waves_only() throws IOException {
    List<Double> frequencies =
        rope("""
        {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "original_max_position_embeddings": 64}\
        """)
            .frequencies();

    assertThat(frequencies.get(0)).isEqualTo(1.0);
    assertThat(frequencies.get(2)).isCloseTo(1e-4 / 8, within(1e-12));
  }

  @Test
  void yarn_slows_long_waves_and_raises_the_magnitude() throws IOException {
    Rope rope =
        rope("{\"type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 4096}");

    assertThat(rope.frequencies().get(0)).isEqualTo(1.0);
    assertThat(rope.frequencies().get(2)).isCloseTo(1e-4 / 4, within(1e-12));
    assertThat(rope.magnitude()).isCloseTo(1 + 0.1 * Math.log(4), within(1e-12));
  }

  @Test
  void long_rope_holds_for_the_trained_context() throws IOException {
    Blueprint blueprint =
        blueprint(
            "llama",
            """
            "rope_scaling": {"type": "longrope", "short_factor": [1.0, 2.0, 4.0],
            "long_factor": [8.0, 8.0, 8.0], "original_max_position_embeddings": 8},\
            """);

    assertThat(blueprint.context()).isEqualTo(8);
    assertThat(blueprint.layers().getFirst().attention().rope().orElseThrow().magnitude())
        .isCloseTo(Math.sqrt(1 + Math.log(2) / Math.log(8)), within(1e-12));
  }

  @Test
  void windows_alternate_as_the_family_says() throws IOException {
    assertThat(blueprint("gemma2", "\"sliding_window\": 5, ").layers())
        .extracting(layer -> layer.attention().window())
        .containsExactly(OptionalInt.of(5), OptionalInt.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama    | "rope_scaling": {"type": "magic"},   | expected default, linear
          llama    | "hidden_act": "wave",                | the activation 'wave' is unknown
          gpt2     | "scale_attn_weights": false,         | only models with true can be run
          gemma2   | "layer_types": ["full_attention"],   | has 1 entries
          """)
  void what_cannot_be_run_is_refused(String family, String fields, String message) {
    assertThatThrownBy(() -> blueprint(family, fields))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining(message);
  }
}
