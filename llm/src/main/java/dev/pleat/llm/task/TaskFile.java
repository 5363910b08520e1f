package dev.pleat.llm.task;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A file with one question a line.
 *
 * @param format of all of its rows
 * @param questions in its order
 */
record TaskFile(TaskFormat format, List<Question> questions) {
  private static final int DEEPEST = 8;

  /**
   * Reads a file.
   *
   * @throws PleatException when it cannot be read or holds no question, or a line is of no format
   *     that is known, or of another one than the first; it names the line
   */
  static TaskFile read(Path file) {
    List<String> lines = lines(file);
    List<Question> questions = new ArrayList<>();
    TaskFormat format = TaskFormat.PLAIN;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String where = "%s, line %d".formatted(file, i + 1);
      JsonObject row =
          JsonFiles.object(where, lines.get(i).getBytes(StandardCharsets.UTF_8), DEEPEST);
      if (questions.isEmpty()) {
        format = TaskFormat.of(row).orElseThrow(() -> unknown(where, row));
      } else if (!format.reads(row)) {
        throw new PleatException(
            "%s: is no row of %s as the first is; its fields are %s"
                .formatted(where, format.spelling(), String.join(", ", row.names())));
      }
      questions.add(format.question(row, i + 1));
    }
    if (questions.isEmpty()) {
      throw new PleatException("%s: holds no question; give a file of JSON lines".formatted(file));
    }
    return new TaskFile(format, questions);
  }

  private static List<String> lines(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PleatException("%s: no such file; give a file of JSON lines".formatted(file));
    }
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new PleatException("%s: is no UTF-8 text; convert it first".formatted(file), e);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  private static PleatException unknown(String where, JsonObject row) {
    return new PleatException(
        "%s: has fields %s, which is no row of %s; write it as {\"context\": TEXT, \"choices\": [TEXT, ...], \"answer\": INDEX}"
            .formatted(
                where,
                String.join(", ", row.names()),
                Stream.of(TaskFormat.values())
                    .map(TaskFormat::spelling)
                    .collect(Collectors.joining(", "))));
  }
}
