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
import dev.pleat.core.report.InspectReport;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Folds that give every layer a width of its own, and what is made of such directories. */
class LayerWidthsTest {
  private static final FoldOptions GLOBAL =
      FoldOptions.of(new Target.Channels(0.4)).with(Allocation.GLOBAL);

  @TempDir private Path folder;

  private FoldReport fold(
      Path model, String output, FoldOptions options, boolean dryRun, int threads) {
    return CheckpointFolding.fold(
        CheckpointFoldRequest.builder(model, folder.resolve(output), options)
            .round(1)
            .dryRun(dryRun)
            .threads(threads)
            .build(),
        Progress.SILENT);
  }

  private static InspectReport inspect(Path model, Optional<FoldOptions> options) {
    return CheckpointFolding.inspect(
        model, options, Optional.of(1), Optional.empty(), Optional.empty(), 2);
  }

  private static List<Integer> feedForwards(InspectReport report) {
    return report.groups().stream()
        .filter(group -> !group.name().endsWith("attention"))
        .map(InspectReport.Group::width)
        .toList();
  }

  private static List<Integer> kept(FoldReport report) {
    return report.groups().stream()
        .filter(group -> group.name().endsWith("mlp"))
        .map(GroupReport::after)
        .toList();
  }

  private Path tiny(String family) throws IOException {
    Architecture architecture =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals(family))
            .findFirst()
            .orElseThrow();
    TinyModel model =
        TinyModel.random(architecture, architecture.modelTypes().getFirst(), false, 5);
    Path directory = ModelFolder.write(model, DataType.F32, folder.resolve(family));
    Files.writeString(directory.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
    return directory;
  }

  @Test
  void neurons_go_where_that_costs_least_and_the_directory_is_read_back() throws IOException {
    FoldOptions options = FoldOptions.of(new Target.Channels(0.1)).with(Allocation.GLOBAL);
    FoldReport report = fold(Stories.directory(), "out", options, false, 2);
    Path out = folder.resolve("out");

    assertThat(kept(report).stream().mapToInt(Integer::intValue).sum()).isEqualTo(774);
    assertThat(kept(report)).doesNotHaveDuplicates().allMatch(width -> width >= 172 / 8);
    assertThat(report.budget().orElseThrow().achieved()).hasValue(774.0);
    assertThat(Stories.perplexity(out)).isBetween(3.548, 4.05);
    assertThat(feedForwards(inspect(out, Optional.empty()))).isEqualTo(kept(report));
    JsonNode config = ModelFolder.config(out);
    int widest = kept(report).stream().mapToInt(Integer::intValue).max().orElseThrow();
    assertThat(config.get("intermediate_size").intValue()).isEqualTo(widest);
    for (int layer = 0; layer < 5; layer++) {
      JsonNode own = config.get("per_layer_config").path(Integer.toString(layer));
      assertThat(own.path("intermediate_size").asInt(widest)).isEqualTo(kept(report).get(layer));
    }
    assertThat(Files.readString(out.resolve("README.md")))
        .contains("per_layer_config", "width of layers.0.mlp");

    FoldReport again =
        fold(out, "again", FoldOptions.of(new Target.Channels(0.5)).with(Repair.NONE), false, 2);

    assertThat(kept(again)).isEqualTo(kept(report).stream().map(width -> (width + 1) / 2).toList());
    assertThat(feedForwards(inspect(folder.resolve("again"), Optional.empty())))
        .isEqualTo(kept(again));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "qwen2_moe", "gpt2", "phi3", "gemma2", "gemma3"})
  void families_of_every_layout_have_widths_by_layer(String family) throws IOException {
    Path model = tiny(family);
    FoldReport report = fold(model, "out", GLOBAL, false, 2);

    assertThat(report.verification().ran()).isTrue();
    assertThat(feedForwards(inspect(folder.resolve("out"), Optional.empty())))
        .isEqualTo(
            inspect(model, Optional.of(GLOBAL)).groups().stream()
                .filter(group -> !group.name().endsWith("attention"))
                .map(InspectReport.Group::planned)
                .toList());
  }

  @Test
  void a_dry_run_shows_the_widths_of_the_fold_and_threads_change_nothing() throws IOException {
    Path model = tiny("llama");
    FoldReport report = fold(model, "one", GLOBAL, false, 1);

    assertThat(kept(fold(model, "planned", GLOBAL, true, 2))).isEqualTo(kept(report));
    assertThat(folder.resolve("planned")).doesNotExist();
    fold(model, "two", GLOBAL, false, 2);
    Map<String, byte[]> two = ModelFolder.files(folder.resolve("two"));
    ModelFolder.files(folder.resolve("one"))
        .forEach((name, bytes) -> assertThat(two.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void single_layers_can_be_fixed_and_are_named() throws IOException {
    FoldReport report =
        fold(tiny("llama"), "out", GLOBAL.with(Map.of("layers.1.mlp", 1)), false, 2);

    assertThat(kept(report)).containsExactly(6, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"0": {"num_key_value_heads": 1}} | 'per_layer_config.0.num_key_value_heads'
          {"first": {"intermediate_size": 6}} | the layer 'first'
          {"0": {"intermediate_size": 0}} | 'per_layer_config.0.intermediate_size'
          {"0": 6} | 'per_layer_config.0'
          {"0": {"intermediate_size": 5}} | layers.0.mlp
          """)
  void overrides_that_do_not_fit_are_refused(String overrides, String part) throws IOException {
    Path model = tiny("llama");
    ModelFolder.edit(
        model.resolve("config.json"),
        "\"model_type\"",
        "\"per_layer_config\": " + overrides + ", \"model_type\"");

    assertThatThrownBy(() -> inspect(model, Optional.empty()))
        .isInstanceOf(PleatException.class)
        .message()
        .contains(part)
        .doesNotContain("\n");
  }
}
