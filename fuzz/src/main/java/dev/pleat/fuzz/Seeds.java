package dev.pleat.fuzz;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * The small models and data that come with this module; {@code tools/make_fuzz_seeds.py} makes
 * them.
 */
final class Seeds {
  private Seeds() {}

  /** Writes all of them into a folder. */
  static Path unpack(Path folder) throws IOException {
    for (String name : names()) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.resolveSibling(""));
      try (InputStream in = open(name)) {
        Files.write(file, in.readAllBytes());
      }
    }
    interrupt(folder);
    return folder;
  }

  /** Leaves what a fold leaves that is killed after its first step. */
  private static void interrupt(Path folder) throws IOException {
    Path unfinished = folder.resolve("unfinished");
    if (Files.exists(unfinished)) {
      return;
    }
    Progress stopping =
        new Progress() {
          private boolean folding;

          @Override
          public void begin(String stage, int steps) {
            folding = stage.equals("fold");
          }

          @Override
          public void step() {
            if (folding) {
              throw new CancellationException();
            }
          }
        };
    CheckpointFoldRequest request =
        CheckpointFoldRequest.of(
            folder.resolve("llama"),
            folder.resolve("out"),
            FoldOptions.of(new Target.Channels(0.25)).with(Repair.NONE));
    try {
      CheckpointFolding.fold(request, stopping);
    } catch (CancellationException wanted) {
      Files.move(folder.resolve(".out.pleat-unfinished"), unfinished);
    }
  }

  private static List<String> names() throws IOException {
    try (InputStream in = open("names.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static InputStream open(String name) throws IOException {
    InputStream in = Seeds.class.getResourceAsStream("seeds/" + name);
    if (in == null) {
      throw new IOException("no seed is named " + name);
    }
    return in;
  }
}
