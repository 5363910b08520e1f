package dev.pleat.llm.text;

import dev.pleat.llm.json.JsonFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The WordPiece tokenizer of a BERT-like model, from its vocabulary alone: one token a line, the
 * number of the line its id (Devlin et al., "BERT", NAACL 2019).
 *
 * @param file that holds the vocabulary
 * @param ids of all tokens
 */
record WordPieces(Path file, Map<String, Integer> ids) {
  private static final String UNKNOWN = "[UNK]";
  private static final String START = "[CLS]";
  private static final String END = "[SEP]";
  private static final String PADDING = "[PAD]";
  private static final List<String> SPECIAL = List.of(PADDING, UNKNOWN, START, END, "[MASK]");

  /** Longer words are unknown, as in the models that have such vocabularies. */
  private static final int LONGEST_WORD = 100;

  private static final String LOWERCASE = "do_lower_case";

  /**
   * Reads a vocabulary.
   *
   * @return empty for a list of words that is none of such a tokenizer's
   * @throws dev.pleat.core.PleatException when the file cannot be read
   */
  static Optional<WordPieces> of(Path file) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    String text = new String(JsonFiles.bytes(file), StandardCharsets.UTF_8);
    List<String> lines = text.lines().toList();
    for (int line = 0; line < lines.size(); line++) {
      ids.put(lines.get(line), line);
    }
    return ids.keySet().containsAll(Set.of(UNKNOWN, START, END))
        ? Optional.of(new WordPieces(file, ids))
        : Optional.empty();
  }

  /** The token that fills sequences up. */
  int padding() {
    return ids.getOrDefault(PADDING, 0);
  }

  /** As {@code tokenizer.json} says the same. */
  byte[] json() {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode().put("version", "1.0");
    for (String token : SPECIAL) {
      if (ids.containsKey(token)) {
        root.withArray("added_tokens")
            .addObject()
            .put("id", ids.get(token))
            .put("content", token)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false)
            .put("special", true);
      }
    }
    root.putObject("normalizer")
        .put("type", "BertNormalizer")
        .put("clean_text", true)
        .put("handle_chinese_chars", true)
        .putNull("strip_accents")
        .put("lowercase", isLowercase());
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    ObjectNode frame = root.putObject("post_processor").put("type", "BertProcessing");
    frame.putArray("sep").add(END).add(ids.get(END));
    frame.putArray("cls").add(START).add(ids.get(START));
    ObjectNode model =
        root.putObject("model")
            .put("type", "WordPiece")
            .put("unk_token", UNKNOWN)
            .put("continuing_subword_prefix", "##")
            .put("max_input_chars_per_word", LONGEST_WORD);
    ObjectNode vocabulary = model.putObject("vocab");
    ids.forEach(vocabulary::put);
    return mapper.writeValueAsBytes(root);
  }

  /** As the settings beside it say; without them, whether it has no capital letters. */
  private boolean isLowercase() {
    Path settings = file.resolveSibling(Tokenizer.SETTINGS);
    Optional<Boolean> said =
        Files.isRegularFile(settings)
            ? JsonFiles.read(settings).flagOrEmpty(LOWERCASE)
            : Optional.empty();
    return said.orElseGet(() ->
        ids.keySet().stream()
            .filter(token -> !token.startsWith("["))
            .noneMatch(token -> token.chars().anyMatch(Character::isUpperCase)));
  }
}
