package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.ConfigField;
import dev.pleat.llm.architecture.FeedForwardDescription;
import dev.pleat.llm.architecture.NormDescriptions;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.request.LayerTarget;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Folds that remove whole layers. */
class LayerRemovalTest {
  private static final FoldOptions NOTHING_ELSE = FoldOptions.of(new Target.Channels(0));

  private static final LayerTarget ONE = new LayerTarget.Count(1);

  @TempDir private Path folder;

  private CheckpointFoldRequest request(
      Path model,
      String output,
      FoldOptions options,
      LayerTarget layers,
      boolean dryRun,
      int threads) {
    return CheckpointFoldRequest.builder(model, folder.resolve(output), options)
        .round(1)
        .dryRun(dryRun)
        .threads(threads)
        .layers(layers)
        .build();
  }

  private FoldReport fold(Path model, String output, FoldOptions options, LayerTarget layers) {
    return CheckpointFolding.fold(
        request(model, output, options, layers, false, 2), Progress.SILENT);
  }

  private static GroupReport layers(FoldReport report) {
    return report.groups().stream()
        .filter(group -> group.name().equals("layers"))
        .findFirst()
        .orElseThrow();
  }

  /** A model of which one layer adds nothing to the stream. */
  private static TinyModel idle(TinyModel model, int layer) {
    Architecture family = model.architecture();
    NormDescriptions norms = family.norms();
    List<String> last =
        Stream.of(
                Stream.of(family.attention().output()),
                family.feedForwards().stream().map(FeedForwardDescription::down),
                Stream.of(norms.attentionOutput(), norms.feedForwardOutput())
                    .flatMap(Optional::stream))
            .flatMap(names -> names)
            .map(module -> module.replaceAll("\\{expert}.*", ""))
            .map(module -> family.inLayer(layer, module))
            .toList();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model
        .tensors()
        .forEach((name, tensor) -> {
          boolean zero =
              last.stream()
                  .anyMatch(module ->
                      name.contains(module + ".")
                          || (module.endsWith(".") && name.contains(module)));
          tensors.put(
              name, zero ? new Tensor(tensor.shape(), new float[tensor.values().length]) : tensor);
        });
    return new TinyModel(family, model.config(), tensors);
  }

  private Path write(TinyModel model, int shards) throws IOException {
    Path directory = ModelFolder.write(model, DataType.F32, shards, folder.resolve("model"));
    Files.writeString(directory.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
    return directory;
  }

  private static TinyModel tiny(String family) {
    Architecture architecture =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals(family))
            .findFirst()
            .orElseThrow();
    return TinyModel.random(architecture, architecture.modelTypes().getFirst(), false, 5);
  }

  static List<String> decoders() {
    return Architectures.bundled().stream()
        .filter(a -> a.output().linear().isPresent())
        .map(Architecture::family)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("decoders")
  void a_layer_that_does_nothing_goes_and_nothing_else_changes(String family) throws IOException {
    TinyModel model = idle(tiny(family), 0);
    Architecture architecture = model.architecture();
    Path directory = write(model, 1);

    FoldReport report = fold(directory, "out", NOTHING_ELSE, ONE);

    assertThat(layers(report).before()).isEqualTo(2);
    assertThat(layers(report).after()).isEqualTo(1);
    assertThat(layers(report).reason()).isEqualTo("removed: 0");
    Map<String, Tensor> folded = ModelFolder.tensors(folder.resolve("out"));
    assertThat(folded.keySet()).noneMatch(name -> name.startsWith(architecture.inLayer(1, "")));
    model
        .tensors()
        .forEach((name, tensor) -> {
          if (!name.startsWith(architecture.inLayer(0, ""))) {
            String now = name.replace(architecture.inLayer(1, ""), architecture.inLayer(0, ""));
            assertThat(folded)
                .hasEntrySatisfying(
                    now, same -> assertThat(same.values()).isEqualTo(tensor.values()));
          }
        });
    assertThat(
            ModelFolder.config(folder.resolve("out"))
                .findValue(TinyModel.field(architecture, ConfigField.LAYERS))
                .intValue())
        .isEqualTo(1);
  }

  @Test
  void the_layer_that_is_missed_least_goes_and_the_others_make_up_for_it() throws IOException {
    FoldReport report = fold(Stories.directory(), "out", NOTHING_ELSE, new LayerTarget.Share(0.2));
    Path out = folder.resolve("out");

    assertThat(report.repair()).isEqualTo("self");
    assertThat(report.parameters().after()).isEqualTo(214_592);
    assertThat(layers(report).after()).isEqualTo(4);
    assertThat(ModelFolder.config(out).get("num_hidden_layers").intValue()).isEqualTo(4);
    assertThat(Stories.perplexity(out)).isBetween(3.548, 6.5);
    assertThat(Files.readString(out.resolve("README.md")))
        .contains("| layers | 5 | 4 |", "were removed");
  }

  @Test
  void layers_and_widths_meet_one_budget_and_a_dry_run_shows_it() throws IOException {
    Path model = write(tiny("llama"), 1);
    FoldOptions options = FoldOptions.of(new Target.Parameters(0.45));
    FoldReport planned =
        CheckpointFolding.fold(request(model, "planned", options, ONE, true, 2), Progress.SILENT);
    FoldReport report = fold(model, "out", options, ONE);

    assertThat(folder.resolve("planned")).doesNotExist();
    assertThat(report.parameters()).isEqualTo(planned.parameters());
    assertThat(layers(report)).isEqualTo(layers(planned));
    assertThat(report.parameters().removed()).isBetween(0.45, 0.48);
    assertThat(ModelFolder.config(folder.resolve("out")).get("intermediate_size").intValue())
        .isLessThan(TinyModel.NEURONS);
  }

  @Test
  void a_budget_takes_a_layer_that_does_nothing_before_neurons_that_do() throws IOException {
    Path model = Stories.copy(folder.resolve("stories"));
    Map<String, Tensor> tensors = new LinkedHashMap<>(ModelFolder.tensors(model));
    for (String module : List.of("self_attn.o_proj", "mlp.down_proj")) {
      tensors.computeIfPresent(
          "model.layers.3." + module + ".weight",
          (name, tensor) -> new Tensor(tensor.shape(), new float[tensor.values().length]));
    }
    ModelFolder.writeShard(model.resolve("model.safetensors"), tensors, DataType.F32);
    FoldOptions fifth = FoldOptions.of(new Target.Parameters(0.2));

    FoldReport report = fold(model, "out", fifth, new LayerTarget.Best());

    assertThat(layers(report).reason()).isEqualTo("removed: 3");
    assertThat(report.parameters().removed()).isBetween(0.2, 0.205);
  }

  @Test
  void the_bytes_do_not_depend_on_the_number_of_threads() throws IOException {
    Path model = write(tiny("llama"), 3);
    for (int threads : new int[] {1, 2}) {
      CheckpointFolding.fold(
          request(
              model,
              "out" + threads,
              FoldOptions.of(new Target.Channels(0.5)),
              ONE,
              false,
              threads),
          Progress.SILENT);
    }

    Map<String, byte[]> two = ModelFolder.files(folder.resolve("out2"));
    assertThat(two).containsKey("model.safetensors.index.json");
    ModelFolder.files(folder.resolve("out1"))
        .forEach((name, bytes) -> assertThat(two.get(name)).as(name).isEqualTo(bytes));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          llama   | "max_window_layers": 2                                   | "max_window_layers": 1
          llama   | "layer_types": ["full_attention", "sliding_attention"]   | "layer_types": ["sliding_attention"]
          llama   | "max_window_layers": 1                                   | "max_window_layers": 0
          gemma2  | "sliding_window": 8                                      | "layer_types": ["full_attention"]
          gemma2  | "layer_types": ["full_attention", "sliding_attention"]   | "layer_types": ["sliding_attention"]
          qwen3_moe | "mlp_only_layers": [0, 1], "decoder_sparse_step": 1    | "mlp_only_layers": [0]
          llama   | "per_layer_config": {"1": {"intermediate_size": 6}}      | "per_layer_config": {}
          """)
  void what_the_configuration_says_of_layers_is_said_of_those_that_stay(
      String family, String field, String expected) throws IOException {
    Path model = write(idle(tiny(family), 0), 1);
    ModelFolder.edit(model.resolve("config.json"), "\"model_type\"", field + ", \"model_type\"");

    fold(model, "out", NOTHING_ELSE, ONE);

    assertThat(Files.readString(folder.resolve("out/config.json")).replaceAll("\\s", ""))
        .contains(expected.replace(" ", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          qwen3_moe | "decoder_sparse_step": 2                  | decoder_sparse_step' is 2
          gpt2      | "scale_attn_by_inverse_layer_idx": true   | scale_attn_by_inverse_layer_idx
          gpt_neo   | "attention_types": [[["global", "local"], 1]], "window_size": 8 | attention_types
          """)
  void what_counts_layers_is_refused(String family, String field, String part) throws IOException {
    Path model = write(tiny(family), 1);
    ModelFolder.edit(model.resolve("config.json"), "\"model_type\"", field + ", \"model_type\"");

    refused(request(model, "out", NOTHING_ELSE, ONE, false, 2), part);
  }

  @Test
  void what_cannot_be_done_is_refused() throws IOException {
    Path model = write(tiny("llama"), 1);

    refused(
        request(model, "out", NOTHING_ELSE, new LayerTarget.Count(2), false, 2),
        "2 of 2 layers",
        "give at most 1");
    refused(
        request(model, "out", NOTHING_ELSE.with(Repair.NONE), ONE, false, 2),
        "nothing is repaired (asked for)");
    refused(
        request(
            model,
            "out",
            FoldOptions.of(new Target.Channels(0.5)).with(Allocation.GLOBAL),
            ONE,
            false,
            2),
        "allocate(global)");
    refused(
        request(model, "out", NOTHING_ELSE, new LayerTarget.Best(), false, 2), "give params(R)");
  }

  private void refused(CheckpointFoldRequest request, String... parts) {
    assertThatThrownBy(() -> CheckpointFolding.fold(request, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .message()
        .contains(parts)
        .doesNotContain("\n");
    assertThat(request.output()).doesNotExist();
  }
}
