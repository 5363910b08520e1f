package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.llm.text.Documents;
import dev.pleat.llm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class TokenizerTest {
  @TempDir private Path folder;

  @Test
  void a_story_has_the_tokens_of_the_reference() throws IOException {
    int[] expected =
        JsonMapper.shared()
            .readValue(
                Files.readString(Stories.directory().resolve("expected-token-ids.json")),
                int[].class);
    try (Tokenizer tokenizer = Tokenizer.open(Stories.directory())) {
      int[] tokens = tokenizer.encodeDocument(Documents.read(Stories.text()).getFirst());

      assertThat(expected).hasSize(200);
      assertThat(Arrays.copyOf(tokens, 200)).isEqualTo(expected);
    }
  }

  @Test
  void only_a_document_gets_a_beginning_and_decoding_drops_it() {
    try (Tokenizer tokenizer = Tokenizer.open(Stories.directory())) {
      int[] document = tokenizer.encodeDocument("Once upon a time");

      assertThat(document[0]).isEqualTo(1);
      assertThat(tokenizer.encode("Once upon a time"))
          .isEqualTo(Arrays.copyOfRange(document, 1, document.length));
      assertThat(tokenizer.decode(document)).isEqualTo("Once upon a time");
    }
  }

  @Test
  void the_settings_decide_on_the_beginning() throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    ModelFolder.edit(
        model.resolve("tokenizer_config.json"),
        "\"add_bos_token\": true",
        "\"add_bos_token\": false");
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      assertThat(tokenizer.encodeDocument("One day")).isEqualTo(tokenizer.encode("One day"));
    }
  }

  @Test
  void without_settings_the_tokenizer_itself_decides() throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    Files.delete(model.resolve("tokenizer_config.json"));
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      assertThat(tokenizer.encodeDocument("One day")).startsWith(1);
    }
  }

  @Test
  void a_missing_tokenizer_is_named_with_the_remedy() {
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("has no tokenizer.json")
        .hasMessageContaining("copy the tokenizer's files");
  }

  @Test
  void a_damaged_tokenizer_is_named() throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), "{\"version\": \"1.0\"");

    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("tokenizer.json: is no valid JSON");
  }

  @Test
  void a_tokenizer_with_a_damaged_part_is_named_too_and_takes_no_process_with_it()
      throws IOException {
    Path model = Stories.copy(folder.resolve("model"));
    ModelFolder.edit(model.resolve("tokenizer.json"), "\"decoder\": ", "\"decoder\": \"\\t");

    assertThatThrownBy(() -> Tokenizer.open(model))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("tokenizer.json: is no valid JSON");
  }
}
