package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of an output that several make, and what they leave each other to know: a file of
 * weights that is finished has its SHA-256 noted.
 *
 * @param files holds the files of the output
 * @param state holds the notes
 * @param maker who leaves notes, unlike all that do so at the same time
 */
public record MadeFiles(Path files, Path state, String maker) {
  private static final String FINISHED = ".sha256";
  private static final String STEPS = "steps-";
  private static final String STEPS_END = ".jsonl";

  /** Where a file of the output is. */
  public Path file(String name) {
    return files.resolve(name);
  }

  /** The list of somebody's finished steps. */
  public Path ledger(String of) {
    return state.resolve(STEPS + of + STEPS_END);
  }

  /**
   * The lists of steps that anybody has finished.
   *
   * @throws PleatException when the notes cannot be read
   */
  public List<Path> ledgers() {
    try (Stream<Path> all = Files.list(state)) {
      return all.filter(file -> String.valueOf(file.getFileName()).startsWith(STEPS))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(state, e), e);
    }
  }

  /**
   * A note, empty where there is none.
   *
   * @throws PleatException when it cannot be read
   */
  public Optional<String> note(String name) {
    Path file = state.resolve(name);
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * Leaves a note, whole or not at all.
   *
   * @throws PleatException when it cannot be written
   */
  public void note(String name, String text) {
    Path made = state.resolve("." + name + "-" + maker);
    try {
      Files.write(made, text.getBytes(StandardCharsets.UTF_8));
      Files.move(made, state.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(state.resolve(name), e);
    }
  }

  /** Notes that a file of weights is finished, by its hash. */
  public void finish(OutputLayout.Shard shard, String sha256) {
    note(shard.name() + FINISHED, sha256);
  }

  /**
   * Whether somebody has finished a file of weights, and it still has its length.
   *
   * @throws PleatException when it cannot be looked at
   */
  public boolean isWhole(OutputLayout.Shard shard) {
    Path file = file(shard.name());
    try {
      return note(shard.name() + FINISHED).isPresent()
          && Files.exists(file)
          && Files.size(file) == shard.bytes();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * Whether a file of weights is finished and every byte is still what it was.
   *
   * @throws PleatException when it cannot be read
   */
  public boolean isSound(OutputLayout.Shard shard) {
    return isWhole(shard)
        && note(shard.name() + FINISHED).equals(Optional.of(Sha256.of(file(shard.name()))));
  }

  /**
   * Refuses a file of weights that was made for another output.
   *
   * @throws PleatException when it is there and begins otherwise
   */
  public void requireHeader(OutputLayout.Shard shard) {
    Path file = file(shard.name());
    try {
      if (Files.exists(file) && Files.size(file) >= shard.header().length) {
        try (InputStream in = Files.newInputStream(file)) {
          if (!Arrays.equals(in.readNBytes(shard.header().length), shard.header())) {
            throw new PleatException(
                "%s: was made with other options or from other weights than this part; give all parts the same command, or remove %s to start over"
                    .formatted(file, state.getParent()));
          }
        }
      }
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }
}
