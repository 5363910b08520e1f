package dev.pleat.onnx.model;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * A private folder beside the output, where files are made and checked under their final names
 * before they are moved into place. Whatever is left in it vanishes when it is closed.
 */
public final class StagedOutput implements AutoCloseable {
  private final Path output;
  private final Path folder;

  private StagedOutput(Path output, Path folder) {
    this.output = output;
    this.folder = folder;
  }

  /**
   * Opens a stage.
   *
   * @throws PleatException when the output is the input, exists and is not to be replaced, or its
   *     folder cannot be written to
   */
  public static StagedOutput open(Path input, Path output, boolean force) {
    try {
      if (Files.exists(output) && Files.isSameFile(input, output)) {
        throw new PleatException("the output %s is the input; give another file".formatted(output));
      }
      if (Files.isDirectory(output)) {
        throw new PleatException("the output %s is a folder; give a file".formatted(output));
      }
      if (Files.exists(output) && !Files.isRegularFile(output)) {
        throw new PleatException(
            "the output %s is no ordinary file; give another one".formatted(output));
      }
      Path data = ModelWriter.dataFile(output);
      if (!force && (Files.exists(output) || Files.exists(data))) {
        throw new PleatException(
            "the output %s exists; give --force to replace it"
                .formatted(Files.exists(output) ? output : data));
      }
      Path parent = output.toAbsolutePath().resolveSibling("");
      if (!Files.isDirectory(parent)) {
        throw new PleatException(
            "the folder of the output %s does not exist; create it first".formatted(output));
      }
      Path folder = Files.createTempDirectory(parent, ".pleat-");
      return new StagedOutput(output, folder);
    } catch (IOException e) {
      throw new PleatException(
          "the folder of the output %s cannot be written to (%s); give another one"
              .formatted(output, e),
          e);
    }
  }

  /** Where the output is made. */
  public Path model() {
    return folder.resolve(output.getFileName());
  }

  /** Where another model is made that only serves a check. */
  public Path scratch(String name) {
    return folder.resolve(name + ".onnx");
  }

  /** Removes a model that served a check. */
  public void discard(String name) {
    try {
      Files.deleteIfExists(scratch(name));
      Files.deleteIfExists(ModelWriter.dataFile(scratch(name)));
    } catch (IOException e) {
      throw new PleatException(
          "%s cannot be removed: %s".formatted(scratch(name), e.getMessage()), e);
    }
  }

  /**
   * Moves the output into place, its data first.
   *
   * @throws PleatException when that fails
   */
  public void commit() {
    try {
      Path data = ModelWriter.dataFile(model());
      if (Files.exists(data)) {
        move(data, ModelWriter.dataFile(output));
      }
      move(model(), output);
    } catch (IOException e) {
      throw new PleatException(
          "the output %s cannot be put in place: %s".formatted(output, e.getMessage()), e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException | FileAlreadyExistsException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> left = Files.list(folder)) {
      for (Path file : left.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new PleatException(
          "the temporary folder %s cannot be removed: %s; remove it by hand"
              .formatted(folder, e.getMessage()),
          e);
    }
  }
}
