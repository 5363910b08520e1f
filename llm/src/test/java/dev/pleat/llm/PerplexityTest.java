package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.TextReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.eval.TextEvaluation;
import dev.pleat.llm.request.TextRequest;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PerplexityTest {
  @TempDir private Path folder;

  private static TextReport evaluate(
      Path model, Path text, Optional<Integer> context, Optional<Integer> stride, Path... against) {
    return TextEvaluation.run(
        new TextRequest(
            model,
            text,
            context,
            stride,
            Optional.of(against).filter(a -> a.length > 0).map(a -> a[0]),
            Optional.empty(),
            2),
        Progress.SILENT);
  }

  private static TextReport evaluate(Path model, Path text, Path... against) {
    return evaluate(model, text, Optional.empty(), Optional.empty(), against);
  }

  @Test
  void the_stories_have_the_reference_perplexity() {
    TextReport report = evaluate(Stories.directory(), Stories.text());

    assertThat(report.perplexity()).isCloseTo(3.548, within(0.005));
    assertThat(report.nll()).isCloseTo(Math.log(report.perplexity()), within(1e-12));
    assertThat(report.tokens()).isEqualTo(1804);
    assertThat(report.tokensPerSecond()).isPositive();
    assertThat(report.agreement()).isEmpty();
    assertThat(report.bytes()).isEqualTo(1_044_992);
  }

  @Test
  void overlapping_windows_judge_every_token_once_and_know_more_than_separate_ones() {
    TextReport overlapping =
        evaluate(Stories.directory(), Stories.text(), Optional.of(64), Optional.of(16));
    TextReport separate =
        evaluate(Stories.directory(), Stories.text(), Optional.of(64), Optional.empty());
    TextReport whole = evaluate(Stories.directory(), Stories.text());

    assertThat(overlapping.tokens()).isEqualTo(whole.tokens());
    assertThat(separate.tokens()).isLessThan(whole.tokens());
    assertThat(overlapping.perplexity()).isBetween(whole.perplexity(), separate.perplexity());
  }

  @Test
  void a_model_agrees_with_itself() {
    TextReport report = evaluate(Stories.directory(), Stories.text(), Stories.directory());

    assertThat(report.agreement()).contains(new Agreement(1, 0, 0));
    assertThat(report.againstPerplexity()).contains(report.perplexity());
  }

  @Test
  void rounding_to_bfloat16_shows_as_a_small_divergence() throws IOException {
    Path rounded = Stories.copy(folder.resolve("rounded"));
    Map<String, Tensor> tensors = ModelFolder.tensors(Stories.directory());
    ModelFolder.writeShard(rounded.resolve("model.safetensors"), tensors, DataType.BF16);

    TextReport report = evaluate(rounded, Stories.text(), Stories.directory());

    assertThat(report.perplexity()).isCloseTo(3.548, within(0.02));
    assertThat(report.agreement().orElseThrow().klDivergence()).isBetween(1e-7, 1e-3);
    assertThat(report.agreement().orElseThrow().top1()).isBetween(0.98, 1.0);
    assertThat(report.againstPerplexity().orElseThrow()).isCloseTo(3.548, within(0.005));
  }

  @Test
  void an_original_with_another_vocabulary_is_refused() throws IOException {
    Path other = ModelFolder.write(TinyModel.llama(1), DataType.F32, folder.resolve("other"));

    assertThatThrownBy(() -> evaluate(Stories.directory(), Stories.text(), other))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--against has 32 tokens, the model 512");
  }

  @Test
  void a_text_without_two_tokens_is_refused() throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    ModelFolder.edit(
        model.resolve("tokenizer_config.json"),
        "\"add_bos_token\": true",
        "\"add_bos_token\": false");
    Path text = Files.writeString(folder.resolve("text"), "a<|endoftext|> a ");

    assertThatThrownBy(() -> evaluate(model, text))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("fewer than two tokens");
  }

  @Test
  void a_text_of_separators_and_one_that_is_no_text_are_refused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), " <|endoftext|>\n");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0, 1});

    assertThatThrownBy(() -> evaluate(Stories.directory(), empty))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("holds no text");
    assertThatThrownBy(() -> evaluate(Stories.directory(), binary))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("is no UTF-8 text");
    assertThatThrownBy(() -> evaluate(Stories.directory(), folder.resolve("none")))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void windows_that_do_not_fit_are_refused() {
    assertThatThrownBy(
            () -> evaluate(Stories.directory(), Stories.text(), Optional.of(513), Optional.empty()))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--context 513: the model was made for at most 512");
    assertThatThrownBy(
            () -> evaluate(Stories.directory(), Stories.text(), Optional.of(64), Optional.of(65)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--stride 65");
  }
}
