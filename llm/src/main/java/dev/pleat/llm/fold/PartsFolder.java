package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Sha256;
import dev.pleat.onnx.output.Leftovers;
import dev.pleat.onnx.output.OutputLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A hidden folder beside the output that the parts of a fold share: the files of the output, and
 * what is known of them. A file of weights that is finished has its SHA-256 beside it.
 */
final class PartsFolder implements AutoCloseable {
  private static final String SUFFIX = ".pleat-parts-";
  private static final String FINISHED = ".sha256";
  private static final String STEPS = "steps-";

  private final Path output;
  private final Path folder;
  private final Part part;
  private final OutputLock lock;

  private PartsFolder(Path output, Path folder, Part part, OutputLock lock) {
    this.output = output;
    this.folder = folder;
    this.part = part;
    this.lock = lock;
  }

  /**
   * Where the output goes.
   *
   * @throws PleatException when it overlaps an input or exists, or its folder does not exist
   */
  static Path place(List<Path> inputs, Path output) {
    try {
      Path real = StagedDirectory.place(inputs, output);
      requireNew(real);
      return real;
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(output, e);
    }
  }

  private static void requireNew(Path output) {
    if (Files.exists(output)) {
      throw new PleatException(
          "the output directory %s exists: its parts are joined, or it is another model; give another one with -o"
              .formatted(output));
    }
  }

  /**
   * Opens the folder for one part, once nothing stands in the way of making it.
   *
   * @param output as {@link #place} has found it
   * @throws PleatException when the output exists by now, the part is being made by somebody else,
   *     or the folder cannot be written
   */
  static PartsFolder open(Path output, Part part) {
    try {
      requireNew(output);
      Path folder = OutputLock.hidden(output, SUFFIX + part.of());
      Files.createDirectories(folder.resolve("files"));
      Files.createDirectories(folder.resolve("state"));
      return new PartsFolder(
          output, folder, part, OutputLock.take(folder.resolve("part-" + part.number())));
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(output, e);
    }
  }

  /** Where a file of the output is made. */
  Path file(String name) {
    return folder.resolve("files").resolve(name);
  }

  private Path state(String name) {
    return folder.resolve("state").resolve(name);
  }

  /** The list of this part's finished steps. */
  Path ledger() {
    return state(STEPS + part.number() + ".jsonl");
  }

  /** What all parts have finished. */
  List<Ledger> ledgers() {
    List<Ledger> ledgers = new ArrayList<>();
    try (Stream<Path> files = Files.list(state(""))) {
      files
          .filter(file -> String.valueOf(file.getFileName()).startsWith(STEPS))
          .sorted()
          .forEach(file -> ledgers.add(Ledger.open(file)));
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(state(""), e), e);
    }
    return ledgers;
  }

  /** A note that parts leave each other, empty where there is none. */
  Optional<String> note(String name) {
    try {
      Path file = state(name);
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(state(name), e), e);
    }
  }

  /** Leaves a note, whole or not at all. */
  void note(String name, String text) {
    Path made = state("." + name + "-" + part.number());
    try {
      Files.write(made, text.getBytes(StandardCharsets.UTF_8));
      Files.move(made, state(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(state(name), e);
    }
  }

  /** Notes that a file of weights is finished, by its hash. */
  void finish(OutputLayout.Shard shard) {
    note(shard.name() + FINISHED, Sha256.of(file(shard.name())));
  }

  /** Whether some part has finished a file of weights, and it still has its length. */
  boolean isWhole(OutputLayout.Shard shard) {
    Path file = file(shard.name());
    try {
      return note(shard.name() + FINISHED).isPresent()
          && Files.exists(file)
          && Files.size(file) == shard.bytes();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /** Whether another part has put the output in place. */
  boolean isJoined() {
    return Files.exists(output);
  }

  /** Whether a file of weights is finished and every byte is still what it was. */
  boolean isSound(OutputLayout.Shard shard) {
    return isWhole(shard)
        && note(shard.name() + FINISHED).equals(Optional.of(Sha256.of(file(shard.name()))));
  }

  /**
   * Refuses a file of weights that was made for another output.
   *
   * @throws PleatException when it is there and begins otherwise
   */
  void requireHeader(OutputLayout.Shard shard) {
    Path file = file(shard.name());
    try {
      if (Files.exists(file) && Files.size(file) >= shard.header().length) {
        try (InputStream in = Files.newInputStream(file)) {
          if (!Arrays.equals(in.readNBytes(shard.header().length), shard.header())) {
            throw new PleatException(
                "%s: was made with other options or from other weights than this part; give all parts the same command, or remove %s to start over"
                    .formatted(file, folder));
          }
        }
      }
    } catch (IOException e) {
      throw new PleatException("%s: cannot be read (%s)".formatted(file, e), e);
    }
  }

  /**
   * The output to complete and put in place, empty while another part does so or once it is there.
   */
  Optional<StagedDirectory> whole() {
    try {
      Optional<OutputLock> taken = OutputLock.tryTake(output);
      if (taken.isPresent() && isJoined()) {
        taken.get().close();
        return Optional.empty();
      }
      return taken.map(held -> StagedDirectory.of(output, folder.resolve("files"), held));
    } catch (IOException e) {
      throw StagedDirectory.cannotWrite(output, e);
    }
  }

  /** Removes what is left once the output is in place. */
  void remove() {
    try {
      Leftovers.remove(folder);
    } catch (IOException e) {
      throw new PleatException(
          "the folder %s cannot be removed (%s); remove it by hand".formatted(folder, e), e);
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
