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

/** A text of many kinds that comes with Pleat: prose, talk, news, code, fifteen languages. */
public final class SampleText {
  /** A tokenizer that makes fewer of the whole text knows none of it. */
  private static final int FEWEST = 256;

  private SampleText() {}

  /**
   * What came of reading the text.
   *
   * @param tokens of the text, empty where no tokenizer that can be used lies beside the model
   * @param obstacle why a tokenizer that does cannot be used, else empty
   */
  public record Reading(Optional<TokenText> tokens, String obstacle) {}

  /**
   * The text as a model reads it.
   *
   * @param model a model's file
   * @param rows of the table that the model looks its tokens up in
   */
  public static Reading of(Path model, int rows) {
    String obstacle = "";
    for (TextReader reader : ServiceLoader.load(TextReader.class)) {
      try {
        Optional<TokenText> tokens = reader.read(model, text());
        if (tokens.isPresent()) {
          return fitting(tokens.get(), rows);
        }
      } catch (PleatException e) {
        obstacle = String.valueOf(e.getMessage());
      }
    }
    return new Reading(Optional.empty(), obstacle);
  }

  private static Reading fitting(TokenText tokens, int rows) {
    String obstacle =
        tokens.largest() >= rows
            ? "%s: has the token %d, but the model knows %d tokens, so it is another model's"
                .formatted(tokens.tokenizer(), tokens.largest(), rows)
            : tokens.tokens().length < FEWEST
                ? "%s: reads a long text as %d tokens, so it is no tokenizer of texts"
                    .formatted(tokens.tokenizer(), tokens.tokens().length)
                : "";
    return new Reading(Optional.of(tokens).filter(usable -> obstacle.isEmpty()), obstacle);
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
