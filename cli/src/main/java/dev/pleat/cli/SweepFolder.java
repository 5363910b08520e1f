package dev.pleat.cli;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The folder that holds the results of a sweep. */
record SweepFolder(Path path) {

  /**
   * Makes the folder, or takes the one that is there.
   *
   * @param resume whether the results in it are gone on with
   * @param force whether they may be replaced
   * @throws PleatException when it has results and neither is asked for, has none to go on with, or
   *     cannot be made
   */
  static SweepFolder open(Path path, boolean resume, boolean force) {
    SweepFolder folder = new SweepFolder(path);
    boolean begun = Files.exists(folder.journal());
    if (resume && !begun) {
      throw new PleatException(
          "%s: holds no results to go on with; leave out --resume".formatted(path));
    }
    if (begun && !resume && !force) {
      throw new PleatException(
          "%s: holds the results of a sweep; go on with --resume, or start over with --force"
              .formatted(path));
    }
    try {
      Files.createDirectories(path);
      if (begun && !resume) {
        Files.delete(folder.journal());
      }
    } catch (IOException e) {
      throw new PleatException(
          "%s: no folder can be made there (%s); name another with -o".formatted(path, e), e);
    }
    return folder;
  }

  /** Where results are added as they come. */
  Path journal() {
    return path.resolve("journal.jsonl");
  }

  /** Writes all results, each file whole or not at all. */
  void write(String json, String csv) {
    replace(path.resolve("sweep.json"), json + "\n");
    replace(path.resolve("sweep.csv"), csv);
  }

  private static void replace(Path file, String text) {
    try {
      Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), ".pleat-", ".tmp");
      Files.writeString(aside, text);
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new PleatException("%s: cannot be written (%s)".formatted(file, e.getMessage()), e);
    }
  }
}
