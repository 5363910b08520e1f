package dev.pleat.spark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.Progress;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.llm.ClusterFolding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is killed in the middle of a fold is made up for. */
class KilledFoldTest {
  private static final String CLASS_PATH = "spark.executor.extraClassPath";
  private static final String MEMORY = "spark.executor.memory";

  @TempDir private Path folder;
  private Path input = Path.of("");
  private Map<String, String> whole = Map.of();

  @BeforeEach
  void foldOnThreads() throws IOException {
    input = Stories.write(folder.resolve("in"), 6);
    CheckpointFolding.fold(Stories.quarter(input, folder.resolve("whole")), Progress.SILENT);
    whole = Stories.hashes(folder.resolve("whole"));
    System.setProperty(CLASS_PATH, System.getProperty("java.class.path"));
    System.setProperty(MEMORY, "512m");
  }

  @AfterEach
  void forgetSettings() {
    System.clearProperty(CLASS_PATH);
    System.clearProperty(MEMORY);
  }

  private void fold(String master, Progress progress) {
    ClusterFolding.find().fold(Stories.quarter(input, folder.resolve("out")), master, progress);
  }

  @Test
  void an_executor_that_is_killed_in_the_middle_is_replaced() throws IOException {
    try (StandaloneCluster cluster = StandaloneCluster.start(folder.resolve("spark"))) {
      AtomicBoolean killed = new AtomicBoolean();
      fold(
          cluster.address(),
          new Progress() {
            private String stage = "";

            @Override
            public void begin(String name, int steps) {
              stage = name;
            }

            @Override
            public void step() {
              if (stage.equals("fold") && killed.compareAndSet(false, true)) {
                killed.set(cluster.executors().getFirst().destroyForcibly());
              }
            }
          });

      assertThat(killed).isTrue();
      assertThat(Stories.hashes(folder.resolve("out"))).isEqualTo(whole);
    }
  }

  @Test
  void a_driver_that_is_killed_goes_on_when_it_is_started_again() throws IOException {
    Path out = folder.resolve("out");
    Process driver =
        StandaloneCluster.java(
            "dev.pleat.cli.PleatCommand",
            List.of(
                "fold",
                input.toString(),
                "-o",
                out.toString(),
                "--channels",
                "0.25",
                "--round",
                "1",
                "--repair",
                "none",
                "--spark",
                "local[1]"),
            folder.resolve("driver.log"),
            folder);
    String first = StandaloneCluster.await(() -> finished(out).keySet().stream().findFirst());
    driver.destroyForcibly().onExit().join();
    Map<String, FileTime> before = finished(out);
    assertThat(out.resolve("model.safetensors.index.json")).doesNotExist();
    assertThat(before).containsKey(first).hasSizeLessThan(6);

    fold("local[2]", Progress.SILENT);

    assertThat(Stories.hashes(out)).isEqualTo(whole);
    for (Map.Entry<String, FileTime> shard : before.entrySet()) {
      assertThat(Files.getLastModifiedTime(out.resolve(shard.getKey())))
          .isEqualTo(shard.getValue());
    }
  }

  /** The files of weights that are noted as finished. */
  private static Map<String, FileTime> finished(Path out) {
    Map<String, FileTime> found = new TreeMap<>();
    try (Stream<Path> notes = Files.list(OutputFolder.state(out))) {
      for (Path note : notes.toList()) {
        String name = note.getFileName().toString();
        if (name.endsWith(".sha256") && !name.startsWith(".")) {
          String shard = name.substring(0, name.length() - ".sha256".length());
          found.put(shard, Files.getLastModifiedTime(out.resolve(shard)));
        }
      }
      return found;
    } catch (IOException notYet) {
      return Map.of();
    }
  }
}
