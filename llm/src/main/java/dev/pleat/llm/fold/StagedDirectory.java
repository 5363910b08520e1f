package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.onnx.output.Leftovers;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.output.OutputLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A hidden directory beside the output, where the output is made before it gets its name. What an
 * interruption leaves there can be continued.
 */
final class StagedDirectory implements OutputStage, AutoCloseable {
  private static final String UNFINISHED = ".pleat-unfinished";
  private static final String REPLACED = ".pleat-replaced";

  private final Path output;
  private final Path folder;
  private final boolean begun;
  private final OutputLock lock;

  private StagedDirectory(Path output, Path folder, boolean begun, OutputLock lock) {
    this.output = output;
    this.folder = folder;
    this.begun = begun;
    this.lock = lock;
  }

  /**
   * Opens the stage of an output.
   *
   * @param inputs all that the output is made from
   * @param force replace an existing output, and start over what was begun
   * @param resume continue what was begun
   * @throws PleatException when the output overlaps an input, exists or was begun without either
   *     permission, is being written by somebody else, or cannot be written
   */
  static StagedDirectory open(List<Path> inputs, Path output, boolean force, boolean resume) {
    try {
      Path real = place(inputs, output);
      requireReplaceable(real, output, force, resume);
      OutputLock lock = OutputLock.take(real);
      try {
        return open(real, output, force, resume, lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw cannotWrite(output, e);
    }
  }

  /**
   * Where an output goes, links resolved.
   *
   * @throws PleatException when it overlaps an input, or its folder does not exist
   */
  static Path place(List<Path> inputs, Path output) throws IOException {
    Path target = output.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (parent == null || !Files.isDirectory(parent)) {
      throw new PleatException(
          "the folder of the output %s does not exist; create it first".formatted(output));
    }
    OutputCheck check = new OutputCheck();
    inputs.forEach(check::reads);
    check.writesDirectory(output);
    return parent.toRealPath().resolve(String.valueOf(target.getFileName()));
  }

  /** An output that others have made in a folder beside it, to be completed and put in place. */
  static StagedDirectory of(Path output, Path folder, OutputLock lock) {
    return new StagedDirectory(output, folder, true, lock);
  }

  private static StagedDirectory open(
      Path real, Path output, boolean force, boolean resume, OutputLock lock) throws IOException {
    Path replaced = OutputLock.hidden(real, REPLACED);
    if (Files.exists(replaced) && !Files.exists(real)) {
      // A kill between the two renames of a commit: the old output gets its name back.
      Files.move(replaced, real);
    }
    requireReplaceable(real, output, force, resume);
    Path folder = OutputLock.hidden(real, UNFINISHED);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new PleatException(
          "%s is in the way and no directory, and where it leads nothing is written; remove it"
              .formatted(folder));
    }
    if (isBegun(folder) && !resume) {
      if (!force) {
        throw PleatException.naming(
            "an unfinished %s was left by an earlier run; continue it with %s or start over with %s",
            output, Setting.on("resume"), Setting.on("force"));
      }
      Leftovers.remove(folder);
    }
    boolean begun = isBegun(folder);
    Files.createDirectories(folder);
    return new StagedDirectory(real, folder, begun, lock);
  }

  /** A run that was stopped before it wrote anything has begun nothing. */
  private static boolean isBegun(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isPresent();
    }
  }

  private static void requireReplaceable(Path real, Path output, boolean force, boolean resume)
      throws IOException {
    if (!Files.exists(real)) {
      return;
    }
    if (!Files.isDirectory(real)) {
      throw new PleatException(
          "the output %s is a file; give a directory with -o".formatted(output));
    }
    if (!force) {
      boolean finished = resume && !isBegun(OutputLock.hidden(real, UNFINISHED));
      throw PleatException.naming(
          "the output directory %s exists%s; give %s to replace it",
          output,
          finished ? ", and nothing unfinished is left to resume" : "",
          Setting.on("force"));
    }
    try (var files = Files.list(real)) {
      if (!Files.isRegularFile(real.resolve(ModelConfig.NAME)) && files.findAny().isPresent()) {
        throw new PleatException(
            "the output directory %s holds no model, so it is not replaced; give another one with -o"
                .formatted(output));
      }
    }
  }

  @Override
  public Path folder() {
    return folder;
  }

  /** The list of finished steps, beside the files of the output. */
  Path ledger() {
    return folder.resolve(".pleat-steps.jsonl");
  }

  /**
   * Gives the finished directory its name. An output that it replaces is gone only then.
   *
   * @throws PleatException when that fails
   */
  @Override
  public void commit() {
    try {
      Path old = OutputLock.hidden(output, REPLACED);
      if (Files.exists(output)) {
        Leftovers.remove(old);
        Files.move(output, old);
      }
      Files.move(folder, output);
      Leftovers.remove(old);
    } catch (IOException e) {
      throw new PleatException(
          "the output %s cannot be put in place (%s); it is complete in %s"
              .formatted(output, e, folder),
          e);
    }
  }

  /** Removes what this run has begun; what an earlier one left stays. */
  void discard() {
    try {
      if (!begun) {
        Leftovers.remove(folder);
      }
    } catch (IOException e) {
      throw new PleatException(
          "the unfinished %s cannot be removed (%s); remove it by hand".formatted(folder, e), e);
    }
  }

  /** Lets go of the output. A stage in which nothing was made goes too. */
  @Override
  public void close() {
    try (lock) {
      if (!isBegun(folder)) {
        Leftovers.remove(folder);
      }
    } catch (IOException e) {
      throw new PleatException(
          "the unfinished %s cannot be removed (%s); remove it by hand".formatted(folder, e), e);
    }
  }

  static PleatException cannotWrite(Path file, IOException e) {
    return new PleatException(
        "%s: cannot be written (%s); make room or mend the disk, then give --resume"
            .formatted(file, e),
        e);
  }
}
