package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.llm.request.Part;
import dev.pleat.onnx.output.Leftovers;
import dev.pleat.onnx.output.OutputLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A hidden folder beside the output that the parts of a fold share: the files of the output, and
 * what is known of them.
 */
final class PartsFolder implements AutoCloseable {
  private static final String SUFFIX = ".pleat-parts-";

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

  /** What the parts make and know of each other. */
  MadeFiles made() {
    return new MadeFiles(
        folder.resolve("files"), folder.resolve("state"), String.valueOf(part.number()));
  }

  /** Whether another part has put the output in place. */
  boolean isJoined() {
    return Files.exists(output);
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
