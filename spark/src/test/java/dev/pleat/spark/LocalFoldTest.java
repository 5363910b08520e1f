package dev.pleat.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.FoldReport;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.ClusterFolding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds on Spark within one process. */
class LocalFoldTest {
  private static final String MASTER = "local[2]";

  @TempDir private Path folder;
  private Path input = Path.of("");

  @BeforeEach
  void writeModel() throws IOException {
    input = Stories.write(folder.resolve("in"), 3);
  }

  private FoldReport fold(Path from, String output, Progress progress) {
    return ClusterFolding.find()
        .fold(Stories.quarter(from, folder.resolve(output)), MASTER, progress);
  }

  private Map<String, String> whole(Path from) throws IOException {
    CheckpointFolding.fold(Stories.quarter(from, folder.resolve("whole")), Progress.SILENT);
    return Stories.hashes(folder.resolve("whole"));
  }

  private void nothingIsLeft(String... names) throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }

  @Test
  void spark_makes_the_bytes_that_threads_make() throws IOException {
    FoldReport report = fold(input, "out", Progress.SILENT);

    assertThat(Stories.hashes(folder.resolve("out"))).isEqualTo(whole(input)).hasSizeGreaterThan(5);
    assertThat(report.verification().ran()).isTrue();
    nothingIsLeft("in", "out", "whole");
  }

  @Test
  void a_model_in_one_file_is_folded_too() throws IOException {
    fold(Stories.ORIGINAL, "out", Progress.SILENT);

    assertThat(Stories.hashes(folder.resolve("out"))).isEqualTo(whole(Stories.ORIGINAL));
  }

  @Test
  void an_output_that_exists_is_left_alone() throws IOException {
    Files.createDirectory(folder.resolve("out"));

    assertThatThrownBy(() -> fold(input, "out", Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("out exists; give another one with -o");
    assertThat(folder.resolve("out")).isEmptyDirectory();
  }

  @Test
  void an_input_that_changes_under_the_job_is_noticed_and_nothing_is_left() throws IOException {
    Path shard = input.resolve("model-00002-of-00003.safetensors");
    Progress touching =
        new Progress() {
          @Override
          public void begin(String stage, int steps) {
            if (stage.equals("fold")) {
              try {
                Files.setLastModifiedTime(shard, FileTime.fromMillis(1));
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }
          }

          @Override
          public void step() {}
        };

    assertThatThrownBy(() -> fold(input, "out", touching))
        .isInstanceOf(PleatException.class)
        .hasMessage(shard + ": changed while it was read; leave it alone and start again");
    nothingIsLeft("in");
  }

  @Test
  void two_jobs_do_not_make_one_output() throws IOException {
    Path output = Locations.written(folder.resolve("out").toString());
    try (OutputFolder taken = OutputFolder.open(output)) {
      assertThat(taken.folder()).isEqualTo(output);
      assertThatThrownBy(() -> fold(input, "out", Progress.SILENT))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("out is being written by another job");
    }
    nothingIsLeft("in");
  }

  @Test
  void a_master_that_does_not_answer_is_named() throws IOException {
    assertThatThrownBy(() ->
            ClusterFolding.find()
                .fold(
                    Stories.quarter(input, folder.resolve("out")),
                    "spark://localhost:1",
                    Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageStartingWith("--spark spark://localhost:1: does not answer (")
        .hasMessageEndingWith("start a master there or give the address of one");
    assertThatThrownBy(() ->
            ClusterFolding.find()
                .fold(Stories.quarter(input, folder.resolve("out")), "moon", Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--spark moon: no work can be given to it");
    nothingIsLeft("in");
  }

  @Test
  void an_input_that_is_not_there_is_named() {
    assertThatThrownBy(() -> fold(folder.resolve("nothing"), "out", Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageEndingWith("nothing: there is no such directory");
  }
}
