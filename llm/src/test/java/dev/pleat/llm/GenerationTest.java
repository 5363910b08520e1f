package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.llm.run.Batch;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.Model;
import dev.pleat.llm.run.StartToken;
import dev.pleat.llm.run.TextWriter;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationTest {
  @TempDir private Path folder;

  private static <T> T with(int threads, Function<LanguageModel, T> use) {
    try (Checkpoint checkpoint = Checkpoint.open(Stories.directory());
        LanguageModel model = LanguageModel.open(Model.of(checkpoint, Optional.empty()), threads)) {
      return use.apply(model);
    }
  }

  private static List<int[]> write(int threads, long seed) {
    return with(threads, model -> new TextWriter(model, 1).write(4, 48, 1.0, seed));
  }

  @Test
  void the_cache_gives_the_logits_of_a_full_recomputation() {
    int[][] tokens = {{1, 403, 407, 261, 378, 383}, {1, 385, 328, 432, 261, 376}};
    with(
        2,
        model -> {
          float[] whole = model.logits(model.read(new Batch(tokens)), 0, 12);
          int[][] prompts = {{1, 403}, {1, 385}};
          try (LanguageModel.Decoding decoding = model.decode(new Batch(prompts))) {
            for (int at = 2; at <= 6; at++) {
              float[] step = decoding.logits();
              for (int i = 0; i < step.length; i++) {
                int row = i / 512 * 6 + at - 1;
                assertThat(step[i]).isCloseTo(whole[row * 512 + i % 512], within(1e-4f));
              }
              if (at < 6) {
                decoding.add(new int[] {tokens[0][at], tokens[1][at]});
              }
            }
          }
          return 0;
        });
  }

  @Test
  void the_same_seed_writes_the_same_at_any_number_of_threads() {
    List<int[]> first = write(1, 7);

    assertThat(write(2, 7)).usingRecursiveComparison().isEqualTo(first);
    assertThat(write(1, 8).getFirst()).isNotEqualTo(first.getFirst());
  }

  @Test
  void sequences_differ_from_each_other_and_have_the_length_and_start_asked_for() {
    List<int[]> written = write(1, 3);

    assertThat(written)
        .hasSize(4)
        .allSatisfy(tokens -> assertThat(tokens).hasSize(48).startsWith(1));
    assertThat(written.get(0)).isNotEqualTo(written.get(1));
  }

  @Test
  void every_second_sequence_goes_on_with_a_token_from_another_part_of_the_vocabulary() {
    List<int[]> written = with(1, model -> new TextWriter(model, 1).write(64, 2, 0.01, 3));

    assertThat(IntStream.range(0, 64).filter(s -> s % 2 == 0).mapToObj(s -> written.get(s)[1]))
        .containsOnly(403);
    assertThat(IntStream.range(0, 64).filter(s -> s % 2 == 1).mapToObj(s -> written.get(s)[1]))
        .doesNotHaveDuplicates()
        // Bytes, of which stories hold few, are half of the vocabulary.
        .satisfies(
            tokens -> assertThat(tokens).filteredOn(t -> t >= 3 && t < 259).hasSizeLessThan(4));
  }

  @Test
  void what_it_writes_is_a_story() {
    List<int[]> written = with(2, model -> new TextWriter(model, 1).write(1, 60, 0.01, 0));

    try (Tokenizer tokenizer = Tokenizer.open(Stories.directory())) {
      assertThat(tokenizer.decode(written.getFirst())).startsWith("Once upon a time, there was");
    }
  }

  @Test
  void more_tokens_than_the_context_are_refused() {
    assertThatThrownBy(() -> with(1, model -> new TextWriter(model, 1).write(1, 513, 1, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("context 512");
  }

  @Test
  void a_token_of_another_vocabulary_is_refused() {
    assertThatThrownBy(() -> with(1, model -> model.read(new Batch(new int[][] {{1, 512}}))))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("token 512 is none of the model's 512");
  }

  @Test
  void texts_start_with_the_beginning_or_else_an_end_token() throws IOException {
    assertThat(StartToken.of(Stories.directory())).isEqualTo(1);

    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": [7, 8]}");
    assertThat(StartToken.of(folder)).isEqualTo(7);

    Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": null}");
    assertThatThrownBy(() -> StartToken.of(folder))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("has a bos_token_id");
  }
}
