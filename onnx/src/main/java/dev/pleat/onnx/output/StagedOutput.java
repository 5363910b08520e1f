package dev.pleat.onnx.output;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.onnx.model.ModelWriter;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A private folder beside the output, where files are made and checked under their final names
 * before they are moved into place. Whatever is left in it vanishes when it is closed, and what a
 * killed process left of such folders when the next one is opened beside them. The output is held
 * by one process at a time.
 */
public final class StagedOutput implements AutoCloseable {
  private final Path output;
  private final boolean model;
  private final boolean force;
  private final Path folder;
  private final OutputLock lock;

  private StagedOutput(Path output, boolean model, boolean force, Path folder, OutputLock lock) {
    this.output = output;
    this.model = model;
    this.force = force;
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Opens a stage for an ONNX model, which may have its data beside it.
   *
   * @param inputs what it is made from
   * @param force replace what is there
   * @throws PleatException when the output would be written over an input, exists and is not to be
   *     replaced, is being written by somebody else, or its folder cannot be written to
   */
  public static StagedOutput ofModel(List<Path> inputs, Path output, boolean force) {
    OutputCheck check = new OutputCheck();
    inputs.forEach(check::reads);
    check.writesModel(output);
    return open(output, true, force);
  }

  /**
   * Opens a stage for any other file.
   *
   * @throws PleatException as {@link #ofModel} does
   */
  public static StagedOutput ofFile(List<Path> inputs, Path output, boolean force) {
    OutputCheck check = new OutputCheck();
    inputs.forEach(check::reads);
    check.writes("the output", output);
    return open(output, false, force);
  }

  private static StagedOutput open(Path output, boolean model, boolean force) {
    requireReplaceable(output, model, force);
    try {
      OutputLock lock = OutputLock.take(output);
      try {
        requireReplaceable(output, model, force);
        Leftovers.removeIn(output.toAbsolutePath().normalize().resolveSibling(""));
        Path folder = OutputLock.hidden(output, Leftovers.STAGE);
        Leftovers.remove(folder);
        Files.createDirectory(folder);
        return new StagedOutput(output, model, force, folder, lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PleatException(
          "the folder of the output %s cannot be written to (%s); give another one"
              .formatted(output, e),
          e);
    }
  }

  /**
   * Refuses an output that cannot become one.
   *
   * @throws PleatException when it is no ordinary file, exists and is not to be replaced, or has no
   *     folder
   */
  public static void requireReplaceable(Path output, boolean model, boolean force) {
    if (Files.isDirectory(output)) {
      throw new PleatException("the output %s is a folder; give a file".formatted(output));
    }
    List<Path> files = model ? List.of(output, ModelWriter.dataFile(output)) : List.of(output);
    for (Path file : files) {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new PleatException(
            "the output %s is no ordinary file; give another one".formatted(file));
      }
      if (!force && Files.exists(file)) {
        throw PleatException.naming(
            "the output %s exists; give %s to replace it", file, Setting.on("force"));
      }
    }
    if (!Files.isDirectory(output.toAbsolutePath().resolveSibling(""))) {
      throw new PleatException(
          "the folder of the output %s does not exist; create it first".formatted(output));
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
   * Moves the output into place. Whoever looks meanwhile finds the old one or the new one, each
   * with its own data.
   *
   * @throws PleatException when that fails, or somebody else has made the output meanwhile
   */
  public void commit() {
    requireReplaceable(output, model, force);
    try {
      if (model) {
        new ModelSwitch(model(), ModelWriter.dataFile(model()), output).run();
      } else {
        move(model(), output);
      }
    } catch (IOException e) {
      throw new PleatException(
          "the output %s cannot be put in place: %s".formatted(output, e.getMessage()), e);
    }
  }

  static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException | FileAlreadyExistsException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() {
    try (lock) {
      Leftovers.remove(folder);
    } catch (IOException e) {
      throw new PleatException(
          "the temporary folder %s cannot be removed: %s; remove it by hand"
              .formatted(folder, e.getMessage()),
          e);
    }
  }
}
