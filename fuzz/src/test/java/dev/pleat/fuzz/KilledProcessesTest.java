package dev.pleat.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a kill would find at any moment, and what the run after one does. */
class KilledProcessesTest {
  private static final int COMMITS = 150;

  @TempDir private Path folder;

  /** As a kill freezes it: links to the model and to its data, taken while the model stayed. */
  private boolean frozen(Path model, Path frozen) throws IOException {
    Path data = model.resolveSibling("model.onnx.data");
    Files.createDirectory(frozen);
    String before = inode(model);
    // A file that is replaced between being found and being linked has no links left to add to.
    try (Stream<Path> files = Files.list(folder)) {
      Files.createLink(frozen.resolve("model.onnx"), model);
      for (Path file : files.filter(f -> f.getFileName().toString().contains(".data")).toList()) {
        Files.createLink(frozen.resolve(file.getFileName()), file);
      }
    } catch (NoSuchFileException replacedMeanwhile) {
      return false;
    }
    return Files.exists(data) && before.equals(inode(model));
  }

  private static String inode(Path file) throws IOException {
    return String.valueOf(Files.getAttribute(file, "unix:ino"));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no inode numbers")
  void at_each_moment_of_a_commit_the_model_that_is_there_has_its_own_data() throws Exception {
    Path model = folder.resolve("model.onnx");
    CommitLoop.begin(model);
    Thread commits =
        Thread.ofPlatform()
            .start(() ->
                CommitLoop.loop(
                    model, 1, COMMITS, new PrintStream(OutputStream.nullOutputStream())));
    List<Path> moments = new ArrayList<>();
    for (int i = 0; commits.isAlive(); i++) {
      Path moment = folder.resolve("moment-" + i);
      if (frozen(model, moment)) {
        moments.add(moment);
      }
    }
    commits.join();

    assertThat(moments).isNotEmpty();
    for (Path moment : moments) {
      assertThat(CommitLoop.fault(moment.resolve("model.onnx"))).as("%s", moment).isEmpty();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no command to set a variable for another")
  void a_run_leaves_the_temporary_folder_as_it_was_and_takes_what_a_killed_one_left()
      throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path left = Files.createDirectory(temporary.resolve("onnxruntime-java4711"));
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(600)));
    Path inUse = Files.createDirectory(temporary.resolve("onnxruntime-java4712"));
    Seeds.unpack(folder);

    Child run =
        Child.pleat(
            folder,
            List.of("env", "JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + temporary),
            "sweep @convolutions.onnx -o @swept --channels 0.25 --repair none --samples 8 -q");

    assertThat(run.end()).as(run.said()).isZero();
    assertThat(left).doesNotExist();
    assertThat(inUse).isDirectory();
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> !name.startsWith("hsperfdata"))
          .containsExactly("onnxruntime-java4712");
    }
  }
}
