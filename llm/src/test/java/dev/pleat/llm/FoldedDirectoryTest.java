package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What is in the directory that a fold makes. */
class FoldedDirectoryTest {
  private static final FoldOptions HALF = FoldOptions.of(new Target.Channels(0.5));

  @TempDir private Path folder;

  private FoldReport fold(Path input, String output, FoldOptions options, int threads) {
    return CheckpointFolding.fold(request(input, output, options, threads), Progress.SILENT);
  }

  private CheckpointFoldRequest request(
      Path input, String output, FoldOptions options, int threads) {
    return UnroundedFold.of(input, folder.resolve(output), options, false, threads);
  }

  private Path model(DataType type, int shards, String name) throws IOException {
    return ModelFolder.write(TinyModel.llama(7), type, shards, folder.resolve(name));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void element_types_give_the_same_clusters_and_stay(DataType type) throws IOException {
    FoldReport wanted = fold(model(DataType.F32, 1, "f32"), "wanted", HALF, 2);
    FoldReport report = fold(model(type, 1, "in"), "out", HALF, 2);

    assertThat(report.groups()).isEqualTo(wanted.groups());
    FloatEncoding encoding = type.encoding().orElseThrow();
    Map<String, Tensor> expected = ModelFolder.tensors(folder.resolve("wanted"));
    try (Checkpoint out = Checkpoint.open(folder.resolve("out"))) {
      assertThat(out.names()).containsExactlyInAnyOrderElementsOf(expected.keySet());
      expected.forEach((name, tensor) -> {
        assertThat(out.info(name).type()).isEqualTo(type);
        float[] rounded = tensor.values().clone();
        byte[] bytes = new byte[rounded.length * encoding.bytes()];
        encoding.encode(rounded, 0, rounded.length, MemorySegment.ofArray(bytes));
        encoding.decode(MemorySegment.ofArray(bytes), 0, rounded, 0, rounded.length);
        assertThat(out.floats(name)).as(name).containsExactly(rounded);
      });
    }
  }

  @Test
  void shards_stay_shards_and_hold_what_one_file_would() throws IOException {
    Path sharded = model(DataType.BF16, 3, "in");
    fold(model(DataType.BF16, 1, "one"), "single", HALF, 2);
    fold(sharded, "out", HALF, 2);

    Path single = folder.resolve("single");
    try (Checkpoint before = Checkpoint.open(sharded);
        Checkpoint after = Checkpoint.open(folder.resolve("out"))) {
      assertThat(after.isSharded()).isTrue();
      assertThat(after.names()).containsExactlyElementsOf(before.names());
      for (String name : after.names()) {
        assertThat(after.info(name).file().getFileName())
            .isEqualTo(before.info(name).file().getFileName());
        assertThat(after.floats(name)).isEqualTo(ModelFolder.tensor(single, name).values());
      }
      long bytes = after.names().stream().mapToLong(name -> after.info(name).length()).sum();
      assertThat(folder.resolve("out/model.safetensors.index.json"))
          .content()
          .contains("\"total_size\":" + bytes);
    }
  }

  @Test
  void the_bytes_do_not_depend_on_the_number_of_threads() throws IOException {
    Path input = model(DataType.F32, 2, "in");
    fold(input, "one", HALF, 1);
    fold(input, "four", HALF, 4);

    Map<String, byte[]> four = ModelFolder.files(folder.resolve("four"));
    assertThat(four.keySet()).contains("config.json", "README.md");
    ModelFolder.files(folder.resolve("one"))
        .forEach((name, bytes) -> assertThat(four.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void the_configuration_keeps_every_other_byte() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    String text =
        """
        {"model_type" : "llama",
        \t"rms_norm_eps": 1e-05, "hidden_size":24, "x": [1, {"intermediate_size": 9}, null],
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "note": "intermediate_size: 6", "intermediate_size":6 , "head_dim": null}
        """;
    Files.writeString(input.resolve("config.json"), text);
    fold(input, "out", HALF, 2);

    assertThat(folder.resolve("out/config.json"))
        .hasContent(text.replace("\"intermediate_size\":6 ", "\"intermediate_size\":3 "));
  }

  private static void foldHeads(CheckpointFoldRequest r) {
    CheckpointFolding.fold(
        CheckpointFoldRequest.builder(r.input(), r.output(), r.options())
            .heads(Optional.of(0.5))
            .threads(2)
            .build(),
        Progress.SILENT);
  }

  @Test
  void of_heads_that_differ_one_stays_as_it_was() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    CheckpointFoldRequest r = request(input, "out", FoldOptions.of(new Target.Channels(0)), 2);
    foldHeads(r);

    for (int layer = 0; layer < 2; layer++) {
      String name = "model.layers.%d.self_attn.k_proj.weight".formatted(layer);
      float[] both = ModelFolder.tensor(input, name).values();
      float[] kept = ModelFolder.tensor(r.output(), name).values();
      assertThat(kept)
          .hasSize(both.length / 2)
          .satisfiesAnyOf(
              k -> assertThat(k).isEqualTo(Arrays.copyOf(both, k.length)),
              k -> assertThat(k).isEqualTo(Arrays.copyOfRange(both, k.length, both.length)));
    }
  }

  @Test
  void heads_leave_their_width_in_the_configuration() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    ModelFolder.edit(input.resolve("config.json"), "\"head_dim\" : 6,", "");
    CheckpointFoldRequest r = request(input, "out", FoldOptions.of(new Target.Channels(0)), 2);
    foldHeads(r);

    JsonNode config = ModelFolder.config(r.output());
    assertThat(config.get("num_key_value_heads").intValue()).isEqualTo(1);
    assertThat(config.get("num_attention_heads").intValue()).isEqualTo(2);
    assertThat(config.get("head_dim").intValue()).isEqualTo(6);
    assertThat(config.get("intermediate_size").intValue()).isEqualTo(6);
    assertThat(ModelFolder.tensor(r.output(), "model.layers.1.self_attn.q_proj.weight").shape())
        .containsExactly(12, 24);
  }

  @Test
  void other_files_come_along_but_not_other_weights() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    Files.writeString(input.resolve("tokenizer.json"), "{}");
    Files.writeString(input.resolve("LICENSE"), "free");
    Files.writeString(input.resolve("README.md"), "# Tiny");
    Files.createDirectories(input.resolve("original/.cache"));
    Files.writeString(input.resolve("original/params.json"), "{}");
    Files.writeString(input.resolve("original/consolidated.00.pth"), "weights");
    Files.writeString(input.resolve("original/.cache/lock"), "");
    Files.writeString(input.resolve("pytorch_model.bin"), "weights");
    Files.writeString(input.resolve("pytorch_model.bin.index.json"), "{}");
    fold(input, "out", HALF, 2);

    assertThat(ModelFolder.files(folder.resolve("out")).keySet())
        .containsExactlyInAnyOrder(
            "LICENSE",
            "README.md",
            "config.json",
            "model.safetensors",
            "original/params.json",
            "tokenizer.json");
    assertThat(folder.resolve("out/README.md"))
        .content()
        .startsWith("# Tiny\n\n## Folded with Pleat")
        .contains("| width of mlp | 6 | 3 |", "| pleat.input.sha256 |");
  }

  @Test
  void the_model_card_names_the_model_that_a_cache_of_the_hub_holds() throws IOException {
    Path cache = folder.resolve("models--an-org--a-model/snapshots");
    Files.createDirectories(cache);
    Path input = ModelFolder.write(TinyModel.llama(1), DataType.F32, cache.resolve("1a2b"));
    Files.writeString(
        input.resolve("README.md"),
        "---\nlicense: mit\nbase_model:\n- an-org/an-ancestor\ntags: [a]\n---\n# Tiny\n");

    fold(input, "out", HALF, 2);

    assertThat(folder.resolve("out/README.md"))
        .content()
        .startsWith(
            "---\nlicense: mit\ntags: [a]\nbase_model: an-org/a-model\n---\n# Tiny\n\n## Folded")
        .contains("Similar neurons of the feed-forward blocks were merged");
  }

  @Test
  void the_weights_say_where_they_come_from() throws IOException {
    fold(model(DataType.F32, 1, "in"), "out", HALF, 2);

    try (Checkpoint out = Checkpoint.open(folder.resolve("out"))) {
      assertThat(out.metadata(out.shards().getFirst()))
          .containsEntry("format", "pt")
          .containsEntry("pleat.method", "fold")
          .containsEntry("pleat.input", "in")
          .containsEntry("pleat.target", "channels 0.5")
          .containsEntry("pleat.groups", "mlp 6 -> 3");
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"WANDA", "AVERAGE", "MATCH", "ZIP"})
  void every_method_writes_the_same_shapes(Method method) throws IOException {
    FoldReport report = fold(model(DataType.F32, 1, "in"), "out", HALF.with(method), 2);

    assertThat(report.groups())
        .filteredOn(group -> !group.frozen())
        .extracting(GroupReport::name, GroupReport::after)
        .containsExactly(tuple("layers.0.mlp", 3), tuple("layers.1.mlp", 3));
    assertThat(report.groups().getFirst().objective()).isPositive();
    Path out = folder.resolve("out");
    assertThat(ModelFolder.tensor(out, "model.layers.0.mlp.up_proj.weight").shape())
        .containsExactly(3, 24);
  }

  @Test
  void folding_nothing_copies_the_weights() throws IOException {
    Path input = model(DataType.F16, 2, "in");
    fold(input, "out", FoldOptions.of(new Target.Channels(0)), 2);

    ModelFolder.tensors(folder.resolve("out"))
        .forEach((name, tensor) ->
            assertThat(tensor.values()).isEqualTo(ModelFolder.tensor(input, name).values()));
    assertThat(folder.resolve("out/config.json"))
        .hasSameBinaryContentAs(input.resolve("config.json"));
  }

  @Test
  void a_dry_run_reports_the_same_and_writes_nothing() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    FoldReport real = fold(input, "out", HALF, 2);
    CheckpointFoldRequest r = request(input, "", HALF, 2);
    FoldReport dry =
        CheckpointFolding.fold(
            CheckpointFoldRequest.builder(r.input(), Path.of(""), r.options())
                .round(r.round())
                .heads(r.heads())
                .architecture(r.architecture())
                .dryRun(true)
                .threads(2)
                .build(),
            Progress.SILENT);

    assertThat(dry.groups()).isEqualTo(real.groups());
    assertThat(dry.parameters()).isEqualTo(real.parameters());
    assertThat(dry.output()).isEmpty();
  }

  @Test
  void a_size_is_kept() throws IOException {
    Path input = model(DataType.F32, 1, "in");
    long before = Files.size(input.resolve("model.safetensors"));
    FoldReport report = fold(input, "out", FoldOptions.of(new Target.Size(before - 500)), 2);

    assertThat(Files.size(folder.resolve("out/model.safetensors")))
        .isEqualTo(report.bytes().after())
        .isLessThanOrEqualTo(before - 500);
    assertThat(report.parameters().removed()).isPositive();
  }

  @Test
  void inspection_lists_neurons_and_heads_by_layer() throws IOException {
    var report =
        CheckpointFolding.inspect(
            model(DataType.BF16, 1, "in"),
            Optional.of(HALF),
            Optional.of(1),
            Optional.empty(),
            Optional.empty(),
            2);

    assertThat(report.groups())
        .extracting(group -> group.name(), group -> group.width(), group -> group.planned())
        .containsExactlyElementsOf(
            List.of(
                tuple("layers.0.mlp", 6, 3),
                tuple("layers.1.mlp", 6, 3),
                tuple("layers.0.attention", 2, 2),
                tuple("layers.1.attention", 2, 2)));
    assertThat(report.groups().getFirst().curve()).hasSize(6);
    assertThat(report.frozen()).extracting(frozen -> frozen.name()).containsExactly("residual");
    assertThat(report.shares())
        .extracting(InspectReport.Share::reason)
        .startsWith("", InspectReport.Share.HEADS)
        .hasSize(3);
    assertThat(report.shares().stream().mapToLong(InspectReport.Share::parameters).sum())
        .isEqualTo(report.parameters());
  }
}
