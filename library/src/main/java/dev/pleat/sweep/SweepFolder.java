package dev.pleat.sweep;

import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import dev.pleat.core.report.SweepReport;
import dev.pleat.json.Json;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.output.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder that holds the results of a sweep. */
public record SweepFolder(Path path) {

  private static final List<String> FILES = List.of("journal.jsonl", "sweep.json", "sweep.csv");

  /**
   * Adds the files of a sweep to those that a command writes.
   *
   * @throws PleatException when one of them is part of what the command reads
   */
  public static void check(Path path, OutputCheck check) {
    FILES.forEach(name -> check.writes("the result of the sweep", path.resolve(name)));
  }

  /**
   * Makes the folder, or takes the one that is there.
   *
   * @param resume whether the results in it are gone on with
   * @param force whether they may be replaced
   * @throws PleatException when it has results and neither is asked for, or cannot be made
   */
  public static SweepFolder open(Path path, boolean resume, boolean force) {
    SweepFolder folder = new SweepFolder(path);
    boolean begun = Files.exists(folder.journal());
    if (begun && !resume && !force) {
      throw PleatException.naming(
          "%s: holds the results of a sweep; go on with %s, or start over with %s",
          path, Setting.on("resume"), Setting.on("force"));
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
  public Path journal() {
    return path.resolve("journal.jsonl");
  }

  /** Writes all results, each file whole or not at all. */
  public void write(SweepReport report) {
    replace(path.resolve("sweep.json"), Json.of(report) + "\n");
    replace(path.resolve("sweep.csv"), SweepCsv.of(report));
  }

  private static void replace(Path file, String text) {
    try (StagedOutput stage = StagedOutput.ofFile(List.of(), file, true)) {
      Files.writeString(stage.model(), text);
      stage.commit();
    } catch (IOException e) {
      throw new PleatException("%s: cannot be written (%s)".formatted(file, e.getMessage()), e);
    }
  }
}
