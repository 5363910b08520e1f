package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LayerWalk;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folds of language models that are repaired on text. */
class SelfRepairTest {
  @TempDir private Path folder;

  private CheckpointFoldRequest request(
      Path model, String output, double channels, Repair repair, Optional<Path> data, int threads) {
    return CheckpointFoldRequest.builder(
            model,
            folder.resolve(output),
            FoldOptions.of(new Target.Channels(channels)).with(repair))
        .round(1)
        .data(data)
        .threads(threads)
        .build();
  }

  private FoldReport fold(Path model, String output, double channels, Repair repair) {
    return CheckpointFolding.fold(
        request(model, output, channels, repair, Optional.empty(), 2), Progress.SILENT);
  }

  private Path tiny(String family) throws IOException {
    Architecture architecture =
        Architectures.bundled().stream()
            .filter(a -> a.family().equals(family))
            .findFirst()
            .orElseThrow();
    String type = architecture.modelTypes().getFirst();
    return ModelFolder.write(
        TinyModel.random(architecture, type, false, 5), DataType.F32, folder.resolve(family));
  }

  private static void giveStart(Path model) throws IOException {
    Files.writeString(model.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
  }

  @ParameterizedTest
  @CsvSource({"0.1, 4.13", "0.2, 5.38", "0.3, 7.29"})
  void a_model_that_writes_its_own_text_keeps_most_of_what_it_knows(double channels, double most) {
    FoldReport report = fold(Stories.directory(), "out", channels, Repair.AUTO);

    assertThat(report.repair()).isEqualTo("self");
    assertThat(report.repairInputs()).isEqualTo("19968 tokens that the model wrote itself");
    assertThat(Stories.perplexity(folder.resolve("out"))).isBetween(3.548, most);
    assertThat(report.groups().stream().filter(group -> !group.frozen()))
        .hasSize(5)
        .allSatisfy(group -> {
          assertThat(group.relativeError()).isBetween(0.001, 0.3);
          assertThat(group.varianceRatio()).isBetween(0.7, 1.1);
          assertThat(group.varianceRatioBefore()).isNotEqualTo(group.varianceRatio());
        });
  }

  private FoldReport stories(
      String output,
      FoldOptions options,
      Optional<Double> heads,
      Optional<Path> data,
      boolean dryRun) {
    return CheckpointFolding.fold(
        CheckpointFoldRequest.builder(Stories.directory(), folder.resolve(output), options)
            .round(1)
            .heads(heads)
            .data(data)
            .dryRun(dryRun)
            .threads(2)
            .build(),
        Progress.SILENT);
  }

  private FoldReport heads(String output, double heads, Repair repair) {
    FoldOptions options = FoldOptions.of(new Target.Channels(0)).with(repair);
    return stories(output, options, Optional.of(heads), Optional.empty(), false);
  }

  @Test
  void heads_that_give_least_to_the_output_go_and_the_others_make_up_for_them() {
    FoldReport plain = heads("plain", 0.5, Repair.NONE);
    FoldReport fitted = heads("fitted", 0.5, Repair.AUTO);

    assertThat(plain.repair()).isEqualTo("none");
    assertThat(fitted.repair()).isEqualTo("self");
    assertThat(Stories.perplexity(folder.resolve("plain"))).isBetween(6.5, 7.5);
    assertThat(Stories.perplexity(folder.resolve("fitted"))).isBetween(5.0, 6.3);
    Map<String, Tensor> original = ModelFolder.tensors(Stories.directory());
    Map<String, Tensor> folded = ModelFolder.tensors(folder.resolve("fitted"));
    assertThat(folded)
        .hasEntrySatisfying(
            "model.layers.0.self_attn.o_proj.weight",
            tensor -> assertThat(tensor.shape()).containsExactly(64, 32))
        .hasEntrySatisfying(
            "model.layers.0.self_attn.q_proj.weight",
            tensor -> assertThat(tensor.shape()).containsExactly(32, 64));
    assertThat(fitted.groups().stream().filter(group -> group.name().endsWith("attention")))
        .hasSize(5)
        .allSatisfy(group -> {
          assertThat(group.after()).isEqualTo(2);
          assertThat(group.relativeError()).isBetween(0.001, 0.9);
        });
    original.forEach((name, tensor) -> {
      if (!name.contains("self_attn")) {
        assertThat(folded)
            .hasEntrySatisfying(name, same -> assertThat(same.values()).isEqualTo(tensor.values()));
      }
    });
  }

  private FoldReport wanda(String output, Repair repair, Optional<Path> data, boolean dryRun) {
    FoldOptions options = FoldOptions.of(new Target.Channels(0.2)).with(repair).with(Method.WANDA);
    return stories(output, options, Optional.empty(), data, dryRun);
  }

  @Test
  void scores_of_neurons_are_taken_on_text_even_where_nothing_is_fitted() {
    FoldReport plain = wanda("plain", Repair.NONE, Optional.empty(), false);
    FoldReport given = wanda("given", Repair.AUTO, Optional.of(Stories.text()), false);
    FoldReport fitted = wanda("fitted", Repair.SELF, Optional.empty(), false);

    assertThat(plain.repair()).isEqualTo("none");
    assertThat(plain.repairInputs()).isEqualTo("19968 tokens that the model wrote itself");
    assertThat(given.repair()).isEqualTo("none");
    assertThat(given.repairInputs()).endsWith("tinystories-sample.txt");
    assertThat(fitted.repair()).isEqualTo("self");
    assertThat(Stories.perplexity(folder.resolve("plain"))).isBetween(5.5, 9.0);
    assertThat(Stories.perplexity(folder.resolve("given"))).isBetween(5.5, 9.0);
    assertThat(Stories.perplexity(folder.resolve("fitted"))).isLessThan(5.5);
  }

  @Test
  void a_dry_run_takes_no_scores() {
    FoldReport planned = wanda("planned", Repair.SELF, Optional.empty(), true);

    assertThat(planned.channels().after()).isEqualTo(5 * 138 + 64);
    assertThat(planned.repairInputs()).isEmpty();
  }

  @Test
  void without_repair_it_forgets_more() {
    fold(Stories.directory(), "none", 0.2, Repair.NONE);

    assertThat(Stories.perplexity(folder.resolve("none"))).isBetween(10.0, 13.5);
  }

  @Test
  void a_given_text_is_used_instead() {
    FoldReport report =
        CheckpointFolding.fold(
            request(Stories.directory(), "out", 0.2, Repair.AUTO, Optional.of(Stories.text()), 2),
            Progress.SILENT);

    assertThat(report.repair()).isEqualTo("self");
    assertThat(report.repairInputs()).endsWith("tokens of tinystories-sample.txt");
    assertThat(Stories.perplexity(folder.resolve("out"))).isLessThan(5.5);
  }

  @Test
  void the_bytes_do_not_depend_on_the_number_of_threads() throws IOException {
    for (int threads : new int[] {1, 2}) {
      CheckpointFolding.fold(
          request(
              Stories.directory(), "out" + threads, 0.2, Repair.SELF, Optional.empty(), threads),
          Progress.SILENT);
    }

    Map<String, byte[]> two = ModelFolder.files(folder.resolve("out2"));
    ModelFolder.files(folder.resolve("out1"))
        .forEach((name, bytes) -> assertThat(two.get(name)).as(name).isEqualTo(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "mixtral", "gpt2", "phi3", "gemma2", "opt"})
  void families_of_every_layout_are_repaired(String family) throws IOException {
    Path model = tiny(family);
    giveStart(model);

    FoldReport report = fold(model, "out", 0.5, Repair.SELF);

    assertThat(report.repair()).isEqualTo("self");
    ModelFolder.tensors(folder.resolve("out"))
        .forEach((name, tensor) -> {
          for (float value : tensor.values()) {
            assertThat(value).as(name).isFinite();
          }
        });
  }

  @Test
  void a_model_that_cannot_begin_a_text_is_folded_without_repair_and_says_why() throws IOException {
    FoldReport report = fold(tiny("llama"), "out", 0.5, Repair.AUTO);

    assertThat(report.repair()).isEqualTo("none");
    assertThat(report.repairReason()).contains("cannot write text", "bos_token_id", "--data");
  }

  /** How far the last states of a folded model are from its original's on tokens of their own. */
  private static double error(Path original, Path folded) {
    HiddenStates wanted = states(original);
    HiddenStates found = states(folded);
    double error = 0;
    double all = 0;
    for (int i = 0; i < wanted.values().length; i++) {
      error += Math.pow(wanted.values()[i] - found.values()[i], 2);
      all += Math.pow(wanted.values()[i], 2);
    }
    return error / all;
  }

  private static HiddenStates states(Path directory) {
    int[][] tokens = new int[8][TinyModel.CONTEXT];
    SplittableRandom random = new SplittableRandom(3);
    for (int[] sequence : tokens) {
      Arrays.setAll(sequence, i -> random.nextInt(TinyModel.VOCABULARY));
    }
    try (Checkpoint checkpoint = Checkpoint.open(directory)) {
      LayerWalk walk = new LayerWalk(Model.of(checkpoint, Optional.empty()), new Batch(tokens), 1);
      HiddenStates states = walk.embed();
      for (int layer = 0; layer < TinyModel.LAYERS; layer++) {
        states = walk.layer(layer, states).states();
      }
      return states;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "distilbert", "electra", "roberta"})
  void an_encoder_without_a_tokenizer_is_fitted_to_random_tokens(String family) throws IOException {
    Path encoder = tiny(family);
    FoldReport report = fold(encoder, "fitted", 0.34, Repair.AUTO);
    fold(encoder, "plain", 0.34, Repair.NONE);

    assertThat(report.repair()).isEqualTo("self");
    assertThat(report.repairInputs()).isEqualTo("19968 random tokens");
    assertThat(error(encoder, folder.resolve("fitted")))
        .isLessThan(0.8 * error(encoder, folder.resolve("plain")));
  }

  @Test
  void an_encoder_reads_the_text_that_comes_with_pleat_where_its_tokenizer_lies_beside_it()
      throws IOException {
    Path encoder = tiny("bert");
    Files.writeString(encoder.resolve("tokenizer.json"), LetterTokenizer.of(TinyModel.VOCABULARY));
    FoldReport read = fold(encoder, "read", 0.34, Repair.AUTO);
    assertThat(read.repairInputs()).matches("[0-9]+ tokens of the text that comes with Pleat");

    Files.writeString(
        encoder.resolve("tokenizer.json"), LetterTokenizer.of(TinyModel.VOCABULARY + 1));
    FoldReport drawn = fold(encoder, "drawn", 0.34, Repair.AUTO);
    assertThat(drawn.repairInputs()).isEqualTo("19968 random tokens");
  }

  @Test
  void what_was_asked_for_and_is_not_possible_is_refused() throws IOException {
    refused(request(tiny("llama"), "out", 0.5, Repair.SELF, Optional.empty(), 1), "bos_token_id");
    refused(
        request(Stories.directory(), "out", 0, Repair.SELF, Optional.empty(), 1),
        "no feed-forward block is folded; give channels");
    refused(
        request(Stories.directory(), "out", 0.5, Repair.NONE, Optional.of(Stories.text()), 1),
        "data is what repair(self) runs",
        "leave one of them out");
    refused(
        request(
            Stories.directory(),
            "out",
            0.5,
            Repair.AUTO,
            Optional.of(folder.resolve("missing.txt")),
            1),
        "missing.txt: no such file");
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
