package dev.pleat.llm.text;

import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import dev.pleat.onnx.text.TextReader;
import dev.pleat.onnx.text.TokenText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tokenizer that lies beside an ONNX file: {@code tokenizer.json}, or {@code
 * NAME-tokenizer.json} for {@code NAME.onnx}, in its folder or, as exporters lay them out, in the
 * one above; without one a {@code vocab.txt} in the same places.
 */
public final class TokenizerBeside implements TextReader {
  private static final String FILE = "tokenizer.json";
  private static final String VOCABULARY = "vocab.txt";

  @Override
  public Optional<TokenText> read(Path model, String text) {
    Optional<Path> own = found(model, FILE);
    return own.isPresent()
        ? own.map(file -> read(text, file))
        : found(model, VOCABULARY).flatMap(WordPieces::of).map(pieces -> read(text, pieces));
  }

  private static Optional<Path> found(Path model, String name) {
    return candidates(model, name).filter(Files::isRegularFile).findFirst();
  }

  private static Stream<Path> candidates(Path model, String name) {
    Path file = model.toAbsolutePath().normalize();
    String stem = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    return Stream.of(stem + "-" + name, stem + "_" + name, stem + "." + name, name, "../" + name)
        .map(candidate -> file.resolveSibling(candidate).normalize());
  }

  private static TokenText read(String text, WordPieces pieces) {
    try (Tokenizer tokenizer = Tokenizer.of(pieces)) {
      Tokenizer.Frame frame = tokenizer.frame();
      return new TokenText(
          pieces.file(), frame.before(), tokenizer.encode(text), frame.after(), pieces.padding());
    }
  }

  private static TokenText read(String text, Path file) {
    // Before anything that is no JSON is given to another.
    int padding = padding(file);
    ReadingProcess.Read read = ReadingProcess.read(file, text);
    return new TokenText(file, read.before(), read.tokens(), read.after(), padding);
  }

  /** The token that fills sequences up, 0 where the file names none. */
  private static int padding(Path file) {
    JsonObject settings = JsonFiles.read(file);
    List<JsonObject> added =
        settings.isList("added_tokens") ? settings.objects("added_tokens") : List.of();
    return added.stream()
        .filter(token -> isPadding(token.textOrEmpty("content").orElse("")))
        .flatMap(token -> token.numberOrEmpty("id").stream())
        .map(Double::intValue)
        .findFirst()
        .orElse(0);
  }

  private static boolean isPadding(String token) {
    String word = token.toLowerCase(Locale.ROOT);
    return word.equals("[pad]") || word.equals("<pad>") || word.equals("<|pad|>");
  }
}
