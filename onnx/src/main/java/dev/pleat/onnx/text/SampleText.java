package dev.pleat.onnx.text;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A text of many kinds that comes with Pleat: prose, talk, news, code, fifteen languages. */
public final class SampleText {
  private static final Logger LOG = LoggerFactory.getLogger(SampleText.class);

  private SampleText() {}

  /**
   * The text as a model reads it.
   *
   * @param model a model's file
   * @return empty where no tokenizer that can be used lies beside it
   */
  public static Optional<TokenText> of(Path model) {
    for (TextReader reader : ServiceLoader.load(TextReader.class)) {
      try {
        Optional<TokenText> tokens = reader.read(model, text());
        if (tokens.isPresent()) {
          return tokens;
        }
      } catch (PleatException e) {
        LOG.warn("{}; random tokens are used instead of text", e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The text itself, about 70,000 characters. */
  public static String text() {
    try (InputStream in =
        Objects.requireNonNull(SampleText.class.getResourceAsStream("sample.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
