package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An encoder is fitted to text where its tokenizer lies beside it. */
class TextBesideTest {
  private static final Path ENCODER =
      Path.of("../onnx/src/test/resources/exported/bert.torchscript.onnx");

  @TempDir private Path folder;
  private Path model = Path.of("");

  @BeforeEach
  void copy() throws IOException {
    model = Files.createDirectory(folder.resolve("encoder")).resolve("model.onnx");
    Files.copy(ENCODER, model);
  }

  private Run fold() {
    return Run.of(
        "fold",
        model.toString(),
        "-o",
        folder.resolve("out.onnx").toString(),
        "--channels",
        "0.25",
        "--json",
        "--force");
  }

  private String inputs() {
    JsonNode report = fold().json();
    assertThat(report.get("repair").asString()).isEqualTo("least-squares");
    return report.get("repairInputs").asString();
  }

  /** A tokenizer that knows some letters, and has as many tokens as are wanted. */
  private static String tokenizer(int tokens) {
    String words =
        IntStream.range(4, tokens)
            .mapToObj(i -> "\"%s\": %d".formatted(i < 30 ? Character.toString('a' + i - 4) : i, i))
            .collect(Collectors.joining(", "));
    return """
    {"version": "1.0", "truncation": null, "padding": null,
     "added_tokens": [{"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false,
       "rstrip": false, "normalized": false, "special": true}],
     "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
     "post_processor": {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
         {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
       "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
         "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
     "decoder": null,
     "model": {"type": "WordLevel", "unk_token": "[UNK]",
       "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, %s}}}
    """
        .formatted(words);
  }

  @Test
  void its_own_tokenizer_is_found_under_the_names_that_exporters_give_it() throws IOException {
    Files.writeString(model.resolveSibling("model-tokenizer.json"), tokenizer(40));
    assertThat(inputs()).isEqualTo("256 texts, read by model-tokenizer.json");

    Files.move(
        model.resolveSibling("model-tokenizer.json"), model.resolveSibling("tokenizer.json"));
    assertThat(inputs()).isEqualTo("256 texts, read by tokenizer.json");

    Files.move(model.resolveSibling("tokenizer.json"), folder.resolve("tokenizer.json"));
    assertThat(inputs()).isEqualTo("256 texts, read by tokenizer.json");
  }

  @Test
  void without_one_its_tokens_are_drawn() {
    assertThat(inputs()).isEqualTo("256 generated inputs");
  }

  /** What the report says of a tokenizer that is done without. */
  private String doneWithout(String tokenizer) throws IOException {
    Files.writeString(model.resolveSibling("tokenizer.json"), tokenizer);
    JsonNode report = fold().json();
    assertThat(report.get("repairInputs").asString()).isEqualTo("256 generated inputs");
    assertThat(report.get("repairReason").asString())
        .contains("256 generated inputs (tokens at random, because the tokenizer beside it cannot")
        .contains("tokenizer.json: ");
    return report.get("repairReason").asString();
  }

  @Test
  void the_tokenizer_of_a_larger_vocabulary_is_none_of_its_own_and_the_report_says_so()
      throws IOException {
    assertThat(doneWithout(tokenizer(40).replace("[3]", "[60]")))
        .contains("has the token 60, but the model knows 60 tokens");
  }

  @Test
  void a_tokenizer_that_cannot_be_read_is_done_without_and_the_report_says_so() throws IOException {
    assertThat(doneWithout("{\"model\": 3}")).contains("cannot be used");
  }

  @Test
  void a_tokenizer_that_knows_no_token_for_unknown_words_is_done_without() throws IOException {
    assertThat(
            doneWithout(tokenizer(40).replace("\"unk_token\": \"[UNK]\"", "\"unk_token\": \"?\"")))
        .contains("Missing [UNK] token");
  }

  @Test
  void a_tokenizer_that_reads_next_to_nothing_is_done_without() throws IOException {
    assertThat(
            doneWithout(
                tokenizer(40)
                    .replace(
                        "{\"type\": \"Lowercase\"}",
                        "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"[\\\\s\\\\S]\"},"
                            + " \"content\": \"\"}")))
        .contains("reads a long text as 0 tokens");
  }

  /** Each takes the whole process with it in which the library reads it. */
  @Test
  void a_tokenizer_that_breaks_its_library_is_done_without() throws IOException {
    assertThat(
            doneWithout(
                tokenizer(40)
                    .replace(
                        "{\"type\": \"Whitespace\"}",
                        "{\"type\": \"Split\", \"pattern\": {\"Regex\":"
                            + " \"(x+x+)+y|(\\\\s*\\\\w*)*!!!\"}, \"behavior\": \"Isolated\","
                            + " \"invert\": false}")))
        .contains("library breaks down");
    assertThat(
            doneWithout(
                tokenizer(40)
                    .replace(
                        "{\"type\": \"Lowercase\"}",
                        "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}")))
        .contains("library breaks down");
  }

  private static final String WORDS =
      IntStream.range(0, 26)
          .mapToObj(i -> Character.toString('a' + i))
          .collect(Collectors.joining("\n", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n", "\n##a\n##e\n"));

  @Test
  void without_a_tokenizer_its_vocabulary_serves_as_one() throws IOException {
    Files.writeString(model.resolveSibling("vocab.txt"), WORDS);
    JsonNode byVocabulary = fold().json();
    assertThat(byVocabulary.get("repairInputs").asString())
        .isEqualTo("256 texts, read by vocab.txt");

    String pieces =
        tokenizer(30)
            .replace(
                "\"WordLevel\"",
                "\"WordPiece\", \"continuing_subword_prefix\": \"##\","
                    + " \"max_input_chars_per_word\": 100")
            .replace("\"z\": 29", "\"z\": 29, \"##a\": 30, \"##e\": 31")
            .replace(
                "{\"type\": \"Lowercase\"}",
                "{\"type\": \"BertNormalizer\", \"clean_text\": true, \"handle_chinese_chars\":"
                    + " true, \"strip_accents\": null, \"lowercase\": true}")
            .replace("\"Whitespace\"", "\"BertPreTokenizer\"");
    Files.writeString(model.resolveSibling("tokenizer.json"), pieces);
    JsonNode byTokenizer = fold().json();

    assertThat(byTokenizer.get("repairInputs").asString())
        .isEqualTo("256 texts, read by tokenizer.json");
    assertThat(byVocabulary.get("quality").get("outputs"))
        .isEqualTo(byTokenizer.get("quality").get("outputs"));
    assertThat(byVocabulary.get("groups")).isEqualTo(byTokenizer.get("groups"));
  }

  @Test
  void what_reads_tokens_is_not_to_be_evaluated_on_pictures() {
    Run run =
        Run.of(
            "fold",
            model.toString(),
            "-o",
            folder.resolve("out.onnx").toString(),
            "--channels",
            "0.25",
            "--repair",
            "none");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains(" --inputs FILE.npz").doesNotContain("--images");
  }

  @Test
  void a_list_of_words_is_no_vocabulary_of_a_tokenizer() throws IOException {
    Files.writeString(model.resolveSibling("vocab.txt"), "the\nlabels\nof\nclasses\n");

    assertThat(inputs()).isEqualTo("256 generated inputs");
  }
}
