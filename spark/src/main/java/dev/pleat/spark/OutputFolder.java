package dev.pleat.spark;

import dev.pleat.core.PleatException;
import dev.pleat.llm.fold.MadeFiles;
import dev.pleat.llm.fold.OutputStage;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.spark.files.HadoopFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of an output while a job makes it. Files of weights appear in it as they are
 * finished; {@code config.json} and then the index, without which nobody loads it, come last, by
 * renaming. A folder in it holds what is known of them until then; who finds that goes on with the
 * job.
 */
final class OutputFolder implements OutputStage, AutoCloseable {
  private static final String STATE = ".pleat-spark";
  private static final String HELD = "held-";

  /** In the order in which they appear. */
  private static final List<String> LAST = List.of("config.json", Checkpoint.indexName());

  private final Path folder;
  private final boolean found;
  private final JobLock lock;
  private boolean kept;

  private OutputFolder(Path folder, boolean found, JobLock lock) {
    this.folder = folder;
    this.found = found;
    this.kept = found;
    this.lock = lock;
    LAST.forEach(name -> system().hold(folder.resolve(name), held(name)));
  }

  /**
   * Takes an output.
   *
   * @param folder one of Hadoop's paths
   * @throws PleatException when it exists, or another job makes it, or it cannot be written
   */
  static OutputFolder open(Path folder) {
    try {
      boolean found = Files.exists(state(folder));
      if (Files.exists(folder) && !found) {
        throw new PleatException(
            "the output directory %s exists; give another one with -o".formatted(folder));
      }
      Files.createDirectories(state(folder));
      return new OutputFolder(folder, found, JobLock.take(folder, state(folder)));
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  static Path state(Path folder) {
    return folder.resolve(STATE);
  }

  private HadoopFileSystem system() {
    return (HadoopFileSystem) folder.getFileSystem();
  }

  private Path held(String name) {
    return state(folder).resolve(HELD + name);
  }

  /** What the tasks make. */
  MadeFiles made() {
    return new MadeFiles(folder, state(folder), "driver");
  }

  /** What is made from now on stays when this job ends, for one that goes on. */
  void keep() {
    kept = true;
  }

  /** What this job has begun goes when it ends; what was found stays. */
  void discard() {
    kept = found;
  }

  /** Refuses to go on without the output. */
  void requireHeld() {
    lock.requireHeld();
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public void commit() {
    requireHeld();
    try {
      for (String name : LAST) {
        system().letGo(folder.resolve(name));
        if (Files.exists(held(name))) {
          Files.move(held(name), folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      lock.close();
      remove(state(folder));
    } catch (IOException e) {
      throw cannotWrite(folder, e);
    }
  }

  /** Lets go of the output, and removes it when nobody can go on with it. */
  @Override
  public void close() {
    lock.close();
    try {
      if (!kept) {
        remove(folder);
      }
    } catch (IOException e) {
      throw new PleatException(
          "the unfinished %s cannot be removed (%s); remove it by hand".formatted(folder, e), e);
    }
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> below = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      below.addAll(all.toList());
    }
    for (Path path : below) {
      if (Files.isDirectory(path)) {
        remove(path);
      } else {
        Files.deleteIfExists(path);
      }
    }
    Files.deleteIfExists(folder);
  }

  static PleatException cannotWrite(Path file, IOException e) {
    return new PleatException(
        "%s: cannot be written (%s); make room or give what can be reached with these credentials, then start the job again: it goes on"
            .formatted(file, e.getMessage()),
        e);
  }
}
