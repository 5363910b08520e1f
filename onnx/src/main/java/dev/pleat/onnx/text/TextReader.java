package dev.pleat.onnx.text;

import dev.pleat.core.PleatException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a text as a model does. What reads tokenizers offers itself as a service, so that nothing
 * here knows any.
 */
public interface TextReader {

  /**
   * The tokens of a text.
   *
   * @param model a model's file
   * @return empty where no tokenizer lies beside it
   * @throws PleatException when one does and cannot be used
   */
  Optional<TokenText> read(Path model, String text);
}
