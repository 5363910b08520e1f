package dev.pleat.spark;

import dev.pleat.core.PleatException;
import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;

/** One thing to do with one file, by whichever executor has room. */
@FunctionalInterface
interface FileTask extends Serializable {
  /**
   * Does it.
   *
   * @param file its name
   * @param scratch a folder of the executor's own, removed afterwards
   * @return what it found out
   * @throws PleatException when nobody can do it; with an {@link IOException} as its cause when
   *     somebody else may
   */
  String run(String file, Path scratch) throws IOException;

  /** Does it on this executor. */
  default TaskOutcome attempt(String file) throws IOException {
    File[] disks = SparkEnv.get().blockManager().diskBlockManager().localDirs();
    Path scratch = Files.createTempDirectory(disks[0].toPath(), "pleat-");
    try {
      return TaskOutcome.done(file, run(file, scratch));
    } catch (PleatException e) {
      if (e.getCause() instanceof IOException) {
        throw e;
      }
      return new TaskOutcome(file, "", String.valueOf(e.getMessage()));
    } finally {
      remove(scratch);
    }
  }

  private static void remove(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }

  /** The processors that Spark has given to the task of this thread, {@code spark.task.cpus}. */
  static int threads() {
    return TaskContext.get().cpus();
  }

  /** A name that no other attempt has. */
  static String attemptName() {
    return "attempt-" + TaskContext.get().taskAttemptId();
  }
}
