package dev.pleat.llm.text;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads text files of one or several documents. */
public final class Documents {
  private static final String SEPARATOR = "<|endoftext|>";
  private static final long LARGEST = 1L << 30;

  private Documents() {}

  /**
   * The documents of a UTF-8 file, which {@code <|endoftext|>} separates. Blanks around a document
   * are dropped, and so are empty ones.
   *
   * @throws PleatException when the file cannot be read, is larger than 1 GiB, is not UTF-8, or
   *     holds no text
   */
  public static List<String> read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new PleatException("%s: no such file; give a text file".formatted(file));
      }
      if (Files.size(file) > LARGEST) {
        throw new PleatException(
            "%s: %d bytes are more than the %d that are read; give a part of it"
                .formatted(file, Files.size(file), LARGEST));
      }
      List<String> documents =
          Arrays.stream(Files.readString(file).split(java.util.regex.Pattern.quote(SEPARATOR)))
              .map(String::strip)
              .filter(text -> !text.isEmpty())
              .toList();
      if (documents.isEmpty()) {
        throw new PleatException("%s: holds no text".formatted(file));
      }
      return documents;
    } catch (CharacterCodingException e) {
      throw new PleatException("%s: is no UTF-8 text; convert it first".formatted(file), e);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }
}
