package dev.pleat.llm;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A tokenizer of an encoder that knows single letters and nothing else. */
final class LetterTokenizer {
  private static final int SPECIAL = 4;

  private LetterTokenizer() {}

  /**
   * The text of its file.
   *
   * @param tokens how many it has; the last one stands behind each text
   */
  static String of(int tokens) {
    String words =
        IntStream.range(SPECIAL, tokens - 1)
            .mapToObj(i -> "\"%s\": %d".formatted(Character.toString('a' + i - SPECIAL), i))
            .collect(Collectors.joining(", "));
    return """
    {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
     "normalizer": {"type": "Lowercase"},
     "pre_tokenizer": {"type": "Split", "pattern": {"Regex": "."}, "behavior": "Isolated",
       "invert": false},
     "post_processor": {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
         {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
       "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
       "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
         "[SEP]": {"id": "[SEP]", "ids": [%1$d], "tokens": ["[SEP]"]}}},
     "decoder": null,
     "model": {"type": "WordLevel", "unk_token": "[UNK]",
       "vocab": {"[UNK]": 1, "[CLS]": 2, "[SEP]": %1$d, %2$s}}}
    """
        .formatted(tokens - 1, words);
  }
}
