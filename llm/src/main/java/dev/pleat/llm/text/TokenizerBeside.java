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
 * one above.
 */
public final class TokenizerBeside implements TextReader {
  private static final String FILE = "tokenizer.json";

  @Override
  public Optional<TokenText> read(Path model, String text) {
    return candidates(model).filter(Files::isRegularFile).findFirst().map(file -> read(text, file));
  }

  private static Stream<Path> candidates(Path model) {
    Path file = model.toAbsolutePath().normalize();
    String stem = String.valueOf(file.getFileName()).replaceFirst("\\.[^.]*$", "");
    return Stream.of(stem + "-" + FILE, stem + "_" + FILE, stem + "." + FILE, FILE, "../" + FILE)
        .map(name -> file.resolveSibling(name).normalize());
  }

  private static TokenText read(String text, Path file) {
    try (Tokenizer tokenizer = Tokenizer.openFile(file)) {
      Tokenizer.Frame frame = tokenizer.frame();
      return new TokenText(
          file, frame.before(), tokenizer.encode(text), frame.after(), padding(file));
    }
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
