package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoCommandTest {

  @Test
  void folding_with_repair_keeps_what_pruning_loses(@TempDir Path folder) throws IOException {
    Run run = Run.of("demo", "--json", "-q", "--keep", folder.resolve("kept").toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    JsonNode report = JsonMapper.builder().build().readTree(run.out());
    assertThat(report.propertyNames()).containsExactly("images", "rows", "seconds");
    assertThat(report.get("images").asLong()).isEqualTo(2000);
    JsonNode rows = report.get("rows");
    assertThat(rows.size()).isEqualTo(13);
    assertThat(rows.get(0).propertyNames())
        .containsExactly(
            "name", "channels", "method", "repair", "accuracy", "parameters", "bytes", "latencyMs");
    assertThat(rows.get(0).get("accuracy").asDouble()).isBetween(0.935, 0.937);
    JsonNode repaired = rows.get(5);
    assertThat(repaired.get("channels").asDouble()).isEqualTo(0.5);
    assertThat(repaired.get("repair").asString()).isEqualTo("least-squares");
    assertThat(repaired.get("accuracy").asDouble()).isGreaterThan(0.9);
    assertThat(rows.get(8).get("method").asString()).isEqualTo("l1");
    assertThat(rows.get(8).get("accuracy").asDouble()).isLessThan(0.2);
    try (var kept = Files.list(folder.resolve("kept"))) {
      assertThat(kept).hasSize(13);
    }
  }

  @Test
  void a_folder_with_files_is_not_touched(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "mine");

    Run run = Run.of("demo", "--keep", folder.toString());

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("is not empty").hasLineCount(1);
    assertThat(folder).isDirectoryContaining("glob:**mine.txt");
  }
}
