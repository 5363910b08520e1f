package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.GroupReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file that says which steps of an unfinished output are done: one line of JSON a step, with the
 * hash of what the step wrote.
 */
final class Ledger {
  /** What lacks anything was cut off or damaged. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * A finished step.
   *
   * @param step its name
   * @param sha256 of the bytes of its tensors
   * @param groups what it did to its groups
   */
  record Entry(String step, String sha256, List<GroupReport> groups) {}

  private final Path file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** Whether the file holds the entries and nothing else, so that another line can follow. */
  private boolean whole;

  private Ledger(Path file) {
    this.file = file;
  }

  /**
   * Reads what is there. A line that was cut off or damaged ends it; the steps after it are made
   * again.
   *
   * @throws PleatException when the file cannot be read
   */
  static Ledger open(Path file) {
    Ledger ledger = new Ledger(file);
    try {
      if (Files.exists(file)) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        boolean endsLine = text.endsWith("\n");
        for (String line : text.split("\n")) {
          Entry entry = JSON.readValue(line, Entry.class);
          if (entry == null || entry.groups.contains(null)) {
            return ledger;
          }
          ledger.entries.put(entry.step, entry);
        }
        ledger.whole = endsLine;
      }
    } catch (JacksonException cutOff) {
      return ledger;
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
    return ledger;
  }

  /** What is known of a step. */
  Optional<Entry> of(FoldStep step) {
    return Optional.ofNullable(entries.get(step.name()));
  }

  /**
   * Notes a finished step.
   *
   * @throws PleatException when that fails, such as for want of space
   */
  void add(Entry entry) {
    entries.put(entry.step, entry);
    Collection<Entry> missing = whole ? List.of(entry) : entries.values();
    StringBuilder lines = new StringBuilder();
    missing.forEach(e -> lines.append(JSON.writeValueAsString(e)).append('\n'));
    try {
      Files.writeString(
          file,
          lines,
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          whole ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING);
      whole = true;
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(file, e);
    }
  }

  /** Removes the file. */
  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be removed (%s)".formatted(file, e), e);
    }
  }
}
