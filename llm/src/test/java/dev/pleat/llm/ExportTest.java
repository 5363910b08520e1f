package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.ExportReport;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.ModelExport;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExportTest {
  private static final int[] TOKENS = {1, 403, 407, 261};

  @TempDir private Path folder;

  private static ExportReport export(Path model, Path output, boolean force) {
    try (Checkpoint checkpoint = Checkpoint.open(model)) {
      return ModelExport.write(Model.of(checkpoint, Optional.empty()), checkpoint, output, force);
    }
  }

  private static float[] expected(Path directory) {
    try (Checkpoint checkpoint = Checkpoint.open(directory);
        LanguageModel model = LanguageModel.open(Model.of(checkpoint, Optional.empty()), 1)) {
      return model.logits(model.read(new Batch(new int[][] {TOKENS})), 0, TOKENS.length);
    }
  }

  /** Runs an exported file as anybody would, with an empty cache. */
  private static TensorValue run(Path file) {
    Map<String, TensorValue> inputs = new HashMap<>();
    inputs.put(
        "input_ids", new TensorValue.Integers(new long[] {1, 4}, new long[] {1, 403, 407, 261}));
    inputs.put(
        "position_ids", new TensorValue.Integers(new long[] {1, 4}, new long[] {0, 1, 2, 3}));
    TensorValue empty = new TensorValue.Floats(new long[] {1, 4, 0, 8}, new float[0]);
    for (int layer = 0; layer < 5; layer++) {
      inputs.put("past_key_values." + layer + ".key", empty);
      inputs.put("past_key_values." + layer + ".value", empty);
    }
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      Map<String, TensorValue> outputs = session.run(inputs);
      assertThat(outputs).hasSize(11).containsKeys("logits", "present.4.value");
      return Objects.requireNonNull(outputs.get("logits"));
    }
  }

  private static void check(Path file, float[] expected) {
    assertThat(run(file))
        .isInstanceOfSatisfying(
            TensorValue.Floats.class,
            logits -> {
              assertThat(logits.shape()).containsExactly(1, 4, 512);
              assertThat(logits.values()).containsExactly(expected, within(1e-4f));
            });
  }

  @Test
  void beside_the_checkpoint_it_refers_to_the_same_weights() throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    Path output = model.resolve("model.onnx");

    assertThat(export(model, output, false).weights()).containsExactly("model.safetensors");

    assertThat(Files.size(output)).isLessThan(50_000);
    assertThat(model.resolve("model.onnx.data")).doesNotExist();
    check(output, expected(model));
  }

  @Test
  void elsewhere_it_brings_its_weights() {
    Path output = folder.resolve("model.onnx");

    assertThat(export(Stories.directory(), output, false).weights())
        .containsExactly("model.onnx.data");

    check(output, expected(Stories.directory()));
  }

  @Test
  void an_existing_output_stays_unless_forced() throws IOException {
    Path output = Files.writeString(folder.resolve("model.onnx"), "mine");

    assertThatThrownBy(() -> export(Stories.directory(), output, false))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("exists; give force(true)");
    assertThat(output).hasContent("mine");

    export(Stories.directory(), output, true);
    check(output, expected(Stories.directory()));
  }

  @Test
  void the_weights_are_never_the_output() throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    Path weights = model.resolve("model.safetensors");

    assertThatThrownBy(() -> export(model, weights, true))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("is no .onnx file");
    assertThat(weights).hasSameBinaryContentAs(Stories.directory().resolve("model.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({
    "num_key_value_heads, 8, 'model.layers.0.self_attn.k_proj.weight'' gives 32', expected 64",
    "vocab_size, 8, 'embed_tokens.weight'' gives 512', expected 8"
  })
  void what_the_weights_contradict_is_refused_by_the_name_of_the_weight(
      String field, String value, String weight, String expected) throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    Path config = model.resolve("config.json");
    String text = Files.readString(config);
    String changed = text.replaceFirst("(\"" + field + "\"\\s*:\\s*)[0-9]+", "$1" + value);
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(config, changed);

    assertThatThrownBy(() -> export(model, folder.resolve("other.onnx"), false))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll(weight, expected);
    assertThat(folder.resolve("other.onnx")).doesNotExist();
  }
}
