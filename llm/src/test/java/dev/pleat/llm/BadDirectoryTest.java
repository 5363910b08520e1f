package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be folded is refused in one line, and nothing is left behind. */
class BadDirectoryTest {
  @TempDir private Path folder;
  private Path input = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void writeModel() throws IOException {
    input = ModelFolder.write(TinyModel.llama(3), DataType.F32, folder.resolve("in"));
    output = folder.resolve("out");
  }

  private CheckpointFoldRequest request(
      FoldOptions options, Optional<Double> heads, Optional<Path> architecture, boolean force) {
    return CheckpointFoldRequest.builder(input, output, options)
        .round(1)
        .heads(heads)
        .architecture(architecture)
        .force(force)
        .threads(2)
        .build();
  }

  private CheckpointFoldRequest request() {
    return request(
        FoldOptions.of(new Target.Channels(0.5)), Optional.empty(), Optional.empty(), false);
  }

  private void refused(CheckpointFoldRequest request, String... parts) throws IOException {
    Map<String, byte[]> before = ModelFolder.files(folder);
    assertThatThrownBy(() -> CheckpointFolding.fold(request, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
    assertThat(ModelFolder.files(folder).keySet()).isEqualTo(before.keySet());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains("pleat"));
    }
  }

  private void config(String from, String to) throws IOException {
    ModelFolder.edit(input.resolve("config.json"), from, to);
  }

  private void tensor(String name, Tensor tensor) throws IOException {
    TinyModel model = TinyModel.llama(3);
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
    tensors.put(name, tensor);
    ModelFolder.write(
        new TinyModel(model.architecture(), model.config(), tensors), DataType.F32, input);
  }

  @Test
  void a_directory_without_configuration() throws IOException {
    Files.delete(input.resolve("config.json"));

    refused(request(), "has no config.json");
  }

  @Test
  void a_family_that_nobody_described() throws IOException {
    config("\"llama\"", "\"mamba\"");

    refused(request(), "model_type 'mamba'", "llama, ", "qwen3", "--architecture FILE");
  }

  @ParameterizedTest
  @CsvSource({"gptq", "awq", "fp8", "bitsandbytes"})
  void quantised_weights(String method) throws IOException {
    config("{", "{\"quantization_config\": {\"quant_method\": \"" + method + "\"},");

    refused(request(), "config.json", "quantised (" + method + ")");
  }

  @Test
  void scales_beside_a_weight() throws IOException {
    tensor("model.layers.1.mlp.up_proj.weight_scale_inv", new Tensor(new int[] {1}, new float[1]));

    refused(request(), "'model.layers.1.mlp.up_proj.weight_scale_inv'", "quantised");
  }

  @Test
  void a_weight_in_eight_bits() throws IOException {
    byte[] bytes = Files.readAllBytes(input.resolve("model.safetensors"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    String name = "\"model.layers.0.mlp.down_proj.weight\":{\"dtype\":\"";
    text = text.replace(name + "F32\",\"shape\":[24,6]", name + "I8\",\"shape\":[24,24]");
    Files.write(input.resolve("model.safetensors"), text.getBytes(StandardCharsets.ISO_8859_1));

    refused(request(), "'model.layers.0.mlp.down_proj.weight'", "stored as I8");
  }

  @Test
  void a_shape_that_contradicts_the_configuration() throws IOException {
    config("\"intermediate_size\" : 6", "\"intermediate_size\" : 8");

    refused(request(), "'model.layers.0.mlp.gate_proj.weight'", "[6, 24]", "[8, 24]");
  }

  @Test
  void numbers_of_channels_that_no_model_has() throws IOException {
    config("\"intermediate_size\" : 6", "\"intermediate_size\" : 2147483647");
    refused(request(), "'intermediate_size'", "2147483647 channels", "at most 4194304");

    config("\"intermediate_size\" : 2147483647", "\"intermediate_size\" : 6");
    config("\"head_dim\" : 6", "\"head_dim\" : 1000000000");
    refused(request(), "'num_attention_heads'", "at most 4194304");
  }

  @Test
  @Timeout(30)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no named pipes in folders")
  void a_description_from_a_pipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    refused(
        request(
            FoldOptions.of(new Target.Channels(0.5)), Optional.empty(), Optional.of(pipe), false),
        "no ordinary file");
  }

  @Test
  void a_layer_that_is_missing() throws IOException {
    config("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 3");

    refused(request(), "no tensor 'model.layers.2.mlp.down_proj.weight'", "'llama'");
  }

  @Test
  void a_layer_too_many() throws IOException {
    config("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : 1");

    refused(request(), "'model.layers.1.mlp.down_proj.weight'", "1 layers");
  }

  @Test
  void a_number_that_is_none() throws IOException {
    config("\"num_hidden_layers\" : 2", "\"num_hidden_layers\" : \"two\"");

    refused(request(), "'num_hidden_layers'", "\"two\"", "an integer of at least 1");
  }

  @Test
  void weights_that_are_not_numbers() throws IOException {
    float[] values = new float[6 * 24];
    values[30] = Float.NaN;
    tensor("model.layers.1.mlp.up_proj.weight", new Tensor(new int[] {6, 24}, values));

    refused(request(), "'model.layers.1.mlp.up_proj.weight'", "NaN at element 30");
  }

  @Test
  void heads_that_no_loader_accepts() throws IOException {
    config("\"num_attention_heads\" : 4", "\"num_attention_heads\" : 12");
    config("\"num_key_value_heads\" : 2", "\"num_key_value_heads\" : 6");
    config("\"head_dim\" : 6", "\"head_dim\" : 2");

    refused(
        request(FoldOptions.of(new Target.Channels(0)), Optional.of(0.2), Optional.empty(), false),
        "leaves 5 key/value heads with 10 query heads",
        "hidden size 24",
        "--heads 0.3333 (4 of 6) and 0 (6 of 6)");
  }

  @Test
  void a_repair_for_batch_normalisations() throws IOException {
    refused(
        request(
            FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE),
            Optional.empty(),
            Optional.empty(),
            false),
        "repair(approximate)");
  }

  @Test
  void a_width_of_one_layer_alone() throws IOException {
    FoldOptions options = FoldOptions.of(new Target.Channels(0)).with(Map.of("layers.0.mlp", 3));

    refused(request(options, Optional.empty(), Optional.empty(), false), "'layers.0.mlp'", "mlp");
  }

  @Test
  void an_output_that_exists() throws IOException {
    Files.createDirectory(output);

    refused(request(), "exists", "force(true)");
  }

  @Test
  void an_output_that_holds_no_model_even_by_force() throws IOException {
    Files.createDirectory(output);
    Files.writeString(output.resolve("thesis.tex"), "years of work");

    refused(
        request(FoldOptions.of(new Target.Channels(0.5)), Optional.empty(), Optional.empty(), true),
        "holds no model");
  }

  @Test
  void an_output_inside_the_input() throws IOException {
    output = input.resolve("folded");

    refused(request(), "one lies in the other");
  }

  @Test
  void an_older_output_gives_way_by_force() {
    CheckpointFolding.fold(request(), Progress.SILENT);
    FoldOptions less = FoldOptions.of(new Target.Channels(0.3));
    CheckpointFolding.fold(
        request(less, Optional.empty(), Optional.empty(), true), Progress.SILENT);

    assertThat(ModelFolder.tensor(output, "model.layers.0.mlp.up_proj.weight").shape())
        .containsExactly(4, 24);
  }

  @Test
  void a_description_with_a_misspelt_field() throws IOException {
    Path description = folder.resolve("mine.json");
    Files.writeString(description, "{\"family\": \"mine\", \"model_tipes\": [\"llama\"]}");

    refused(
        request(
            FoldOptions.of(new Target.Channels(0.5)),
            Optional.empty(),
            Optional.of(description),
            false),
        "mine.json",
        "'model_tipes'",
        "model_types");
  }

  @Test
  void budgets_that_no_directory_can_have() throws IOException {
    refused(
        request(
            FoldOptions.of(new Target.Channels(0.5)).with(Allocation.GLOBAL),
            Optional.empty(),
            Optional.empty(),
            false),
        "allocate(global)",
        "bos_token_id",
        "repair(self)",
        "allocate(uniform)");
    refused(
        request(
            FoldOptions.of(new Target.Channels(0.5)).with(Allocation.GLOBAL).with(Repair.NONE),
            Optional.empty(),
            Optional.empty(),
            false),
        "allocate(global)",
        "nothing is repaired (asked for)");
    refused(
        request(FoldOptions.of(new Target.Flops(0.5)), Optional.empty(), Optional.empty(), false),
        "--flops",
        "--params");
    refused(
        request(FoldOptions.of(new Target.Latency(0.5)), Optional.empty(), Optional.empty(), false),
        "--latency-budget",
        "--params");
  }

  @Test
  void a_family_is_folded_by_a_description_of_its_user() throws IOException {
    config("\"llama\"", "\"alpaca\"");
    Path description = folder.resolve("alpaca.json");
    try (var llama = Architectures.class.getResourceAsStream("llama.json")) {
      String text = new String(llama.readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(description, text.replace("[\"llama\", \"mistral\"]", "[\"alpaca\"]"));
    }
    CheckpointFolding.fold(
        request(
            FoldOptions.of(new Target.Channels(0.5)),
            Optional.empty(),
            Optional.of(description),
            false),
        Progress.SILENT);

    assertThat(ModelFolder.config(output).get("intermediate_size").intValue()).isEqualTo(3);
  }
}
