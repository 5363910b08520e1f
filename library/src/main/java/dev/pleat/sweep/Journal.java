package dev.pleat.sweep;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.report.SweepReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of a sweep in a file, one line each, added as they come. The first line says what
 * they depend on.
 */
final class Journal {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES).build();

  private final Optional<Path> file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private Optional<Original> original = Optional.empty();

  /**
   * A trial that is over.
   *
   * @param trial its key
   * @param point the result, empty where it failed
   * @param failure why it failed, empty where it did not
   * @param seconds of clustering
   */
  record Entry(String trial, Optional<SweepReport.Point> point, String failure, double seconds) {}

  /**
   * The model itself.
   *
   * @param identity what all results depend on
   */
  record Original(String identity, SweepReport.Result result, long count) {}

  private Journal(Optional<Path> file) {
    this.file = file;
  }

  /** A journal that nobody keeps. */
  static Journal forgetful() {
    return new Journal(Optional.empty());
  }

  /** A new journal. */
  static Journal begin(Path file) {
    return new Journal(Optional.of(file));
  }

  /**
   * A journal that goes on, or begins where none was begun. A last line that was not finished does
   * not count.
   *
   * @throws PleatException when the file cannot be read, or is of another sweep
   */
  static Journal resume(Path file, String identity) {
    Journal journal = new Journal(Optional.of(file));
    if (!Files.exists(file)) {
      return journal;
    }
    try {
      String text = Files.readString(file);
      List<String> lines = text.lines().toList();
      int whole = text.endsWith("\n") ? lines.size() : Math.max(0, lines.size() - 1);
      for (int i = 0; i < whole; i++) {
        if (i == 0) {
          journal.original = Optional.of(read(lines.get(0), Original.class));
        } else {
          Entry entry = read(lines.get(i), Entry.class);
          journal.entries.put(entry.trial, entry);
        }
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        // Only what was not finished goes: nobody may be able to lose what was.
        channel.truncate(
            text.substring(0, text.lastIndexOf('\n') + 1).getBytes(StandardCharsets.UTF_8).length);
      }
    } catch (IOException | JacksonException e) {
      throw new PleatException(
          "%s: no readable journal of a sweep (%s); start over with --force"
              .formatted(file, e.getMessage()),
          e);
    }
    if (journal.original.isPresent() && !journal.original.get().identity.equals(identity)) {
      throw PleatException.naming(
          "%s: belongs to a sweep of another model or evaluation; give that one's options, or start over with %s",
          file, Setting.on("force"));
    }
    return journal;
  }

  private static <T> T read(String line, Class<T> type) throws IOException {
    T value = JSON.readValue(line, type);
    if (value == null) {
      throw new IOException("a line holds nothing");
    }
    return value;
  }

  Optional<Original> original() {
    return original;
  }

  Optional<Entry> entry(Trial trial) {
    return Optional.ofNullable(entries.get(trial.key()));
  }

  void write(Original known) {
    original = Optional.of(known);
    append(JSON.writeValueAsString(known));
  }

  void write(Entry entry) {
    entries.put(entry.trial, entry);
    append(JSON.writeValueAsString(entry));
  }

  private void append(String line) {
    if (file.isEmpty()) {
      return;
    }
    try {
      Files.write(
          file.get(),
          (line + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new PleatException(
          "%s: cannot be written (%s); make room and go on with --resume"
              .formatted(file.get(), e.getMessage()),
          e);
    }
  }
}
