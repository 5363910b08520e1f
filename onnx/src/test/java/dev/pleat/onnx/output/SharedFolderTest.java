package dev.pleat.onnx.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** In a folder that others write to as well, names may be there before Pleat comes. */
final class SharedFolderTest {
  @TempDir private Path folder;
  @TempDir private Path elsewhere;

  private void make(String name) throws IOException {
    try (StagedOutput stage = StagedOutput.ofFile(List.of(), folder.resolve(name), true)) {
      Files.writeString(stage.model(), "made");
      stage.commit();
    }
    assertThat(folder.resolve(name)).hasContent("made");
  }

  @Test
  void a_link_in_the_place_of_the_stage_goes_and_what_it_leads_to_stays() throws IOException {
    Path precious = Files.writeString(elsewhere.resolve("precious"), "all of it");
    Files.createSymbolicLink(folder.resolve(".out.pleat-making"), elsewhere);

    make("out");

    assertThat(precious).hasContent("all of it");
    assertThat(folder.resolve(".out.pleat-making")).doesNotExist();
  }

  @Test
  void a_link_in_the_place_of_the_lock_is_refused_and_what_it_leads_to_stays() throws IOException {
    Path precious = Files.writeString(elsewhere.resolve("precious"), "all of it");
    Files.createSymbolicLink(folder.resolve(".out.pleat-lock"), precious);

    assertThatThrownBy(() -> make("out"))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll(".out.pleat-lock", "no ordinary file; remove it");
    assertThat(precious).hasContent("all of it");
  }

  @Test
  void what_only_has_the_name_of_a_lock_is_in_nobodys_way() throws IOException {
    Path precious = Files.writeString(elsewhere.resolve("precious"), "all of it");
    Files.createSymbolicLink(folder.resolve(".link.pleat-lock"), precious);
    Files.createDirectory(folder.resolve(".directory.pleat-lock"));
    Path text = Files.writeString(folder.resolve("text.pleat-lock"), "mine");

    make("out");

    assertThat(precious).hasContent("all of it");
    assertThat(folder.resolve(".directory.pleat-lock")).isDirectory();
    assertThat(text).hasContent("mine");
  }

  @Test
  @Timeout(30)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no named pipes in folders")
  void a_pipe_that_nobody_reads_keeps_nobody_waiting() throws Exception {
    for (String name : List.of(".other.pleat-lock", ".out.pleat-lock")) {
      String pipe = folder.resolve(name).toString();
      assertThat(new ProcessBuilder("mkfifo", pipe).start().waitFor()).isZero();
    }

    make("another");

    assertThatThrownBy(() -> make("out")).hasMessageContaining("no ordinary file; remove it");
  }

  @Test
  void a_temporary_folder_goes_with_all_that_is_in_it() throws IOException {
    Path path;
    try (TemporaryFolder temporary = TemporaryFolder.create()) {
      path = temporary.path();
      Files.writeString(Files.createDirectory(path.resolve("nested")).resolve("file"), "x");
      Files.createSymbolicLink(path.resolve("link"), elsewhere);
    }

    assertThat(path).doesNotExist();
    assertThat(elsewhere).isDirectory();
  }

  @Test
  void the_temporary_folder_of_a_killed_process_goes_when_the_next_one_is_made()
      throws IOException {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", ""));
    // As a kill leaves them: nobody holds the lock.
    Path lock = Files.write(parent.resolve(".pleat-killed.pleat-lock"), new byte[1]);
    Path left = Files.createDirectories(parent.resolve(".pleat-killed.pleat-making/nested"));
    Files.writeString(left.resolve("weights"), "many");

    try (TemporaryFolder mine = TemporaryFolder.create();
        TemporaryFolder other = TemporaryFolder.create()) {
      assertThat(mine.path()).isEmptyDirectory().isNotEqualTo(other.path());
      assertThat(lock).doesNotExist();
      assertThat(left.getParent()).doesNotExist();
    }
  }
}
