package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.cli.demo.Demo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sweeps of the bundled network, by its agreement with itself. */
class SweepEndToEndTest {
  @TempDir private static Path folder;
  private static String model = "";

  @BeforeAll
  static void unpack() {
    model = Demo.writeModel(folder).toString();
  }

  private static Run sweep(String output, String... more) {
    List<String> command =
        new ArrayList<>(List.of("sweep", model, "-o", folder.resolve(output).toString()));
    command.addAll(List.of("--method", "fold", "--repair", "none", "--threads", "2"));
    command.addAll(List.of(more));
    return Run.of(command.toArray(String[]::new));
  }

  private static JsonNode json(String output) throws IOException {
    return JsonMapper.shared()
        .readTree(Files.readString(folder.resolve(output).resolve("sweep.json")));
  }

  @Test
  void every_fold_of_the_grid_is_in_the_table_and_the_files() throws IOException {
    Run run =
        sweep(
            "grid",
            "--channels",
            "0.25,0.5",
            "--params",
            "0.6",
            "--method",
            "fold,l1",
            "--report",
            folder.resolve("grid.html").toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("agreement", "channels 25.00 %", "channels 50.00 %", "params 60.00 %", "l1");
    JsonNode report = json("grid");
    assertThat(report.get("points")).hasSize(6);
    assertThat(report.get("original").get("parameters").asLong()).isEqualTo(2_801_386);
    assertThat(report.get("original").get("agreement").get("top1").asDouble()).isEqualTo(1);
    for (JsonNode point : report.get("points")) {
      assertThat(point.get("achieved").asDouble())
          .isCloseTo(point.get("asked").asDouble(), within(0.02));
    }
    assertThat(Files.readAllLines(folder.resolve("grid/sweep.csv")))
        .hasSize(8)
        .allMatch(line -> line.split(",", -1).length == 24);
    assertThat(Files.readString(folder.resolve("grid.html"))).contains("l1", "pleat sweep");
  }

  @Test
  void clusterers_and_baselines_are_compared_by_their_error_and_what_it_costs() throws IOException {
    String output = folder.resolve("methods").toString();
    Run run =
        Run.of(
            "sweep",
            "../onnx/src/test/resources/networks/lenet5.onnx",
            "-o",
            output,
            "--channels",
            "0.5",
            "--method",
            "fold,ward,kmeans,hartigan,random,ifm,inn",
            "--repair",
            "approximate",
            "--threads",
            "2");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("error", "not possible: ifm, repair approximate", "give none, inversion or data");
    JsonNode points = json("methods").get("points");
    assertThat(points).hasSize(5);
    double folding = points.get(0).get("relativeError").asDouble();
    double random = points.get(4).get("relativeError").asDouble();
    assertThat(points.get(4).get("method").asString()).isEqualTo("random");
    for (int p = 1; p < 4; p++) {
      assertThat(points.get(p).get("relativeError").asDouble()).isBetween(folding * 0.95, random);
    }
    assertThat(json("methods").get("failures")).hasSize(2);
    JsonNode needs = points.get(0).get("result").get("footprint");
    long whole = json("methods").get("original").get("footprint").get("flashFp32").asLong();
    assertThat(whole).isEqualTo(4 * 61_706);
    assertThat(needs.get("flashFp32").asLong())
        .isEqualTo(4 * points.get(0).get("result").get("parameters").asLong());
    assertThat(needs.get("ramFp32").asLong()).isPositive();
  }

  @Test
  void an_interrupted_sweep_goes_on_without_repeating_what_is_done() throws IOException {
    sweep("begun", "--channels", "0.25", "-q");
    Path journal = folder.resolve("begun/journal.jsonl");
    String lines = Files.readString(journal);
    assertThat(lines).hasLineCount(2);
    // A figure that no fold has tells whether the line was read; the last line broke off.
    Files.writeString(
        journal, lines.replaceFirst("\"parameters\":15[0-9]+", "\"parameters\":4711") + "{\"tri");

    Run without = sweep("begun", "--channels", "0.25,0.5", "-q");
    Run run = sweep("begun", "--channels", "0.25,0.5", "--resume", "-q");

    assertThat(without.exitCode()).isEqualTo(3);
    assertThat(without.err()).contains("--resume", "--force");
    assertThat(run.exitCode()).isZero();
    JsonNode points = json("begun").get("points");
    assertThat(points).hasSize(2);
    assertThat(points.get(0).get("result").get("parameters").asLong()).isEqualTo(4711);
    assertThat(points.get(1).get("result").get("parameters").asLong()).isEqualTo(703_354);
    assertThat(journal).content().hasLineCount(3).doesNotContain("{\"tri\n");
  }

  @Test
  void a_sweep_that_was_stopped_before_its_first_result_is_resumed_from_nothing()
      throws IOException {
    Files.createDirectory(folder.resolve("empty"));

    Run run = sweep("empty", "--channels", "0.25", "--resume", "-q");

    assertThat(run.exitCode()).isZero();
    assertThat(json("empty").get("points")).hasSize(1);
    assertThat(Files.getPosixFilePermissions(folder.resolve("empty/sweep.csv")))
        .isEqualTo(Files.getPosixFilePermissions(folder.resolve("empty/journal.jsonl")));
  }

  @Test
  void a_journal_of_another_evaluation_is_not_gone_on_with() {
    sweep("other", "--channels", "0.25", "-q");

    Run run = sweep("other", "--channels", "0.25", "--samples", "9", "--resume", "-q");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("another model or evaluation", "--force");
  }

  @Test
  void an_evaluation_that_does_not_fit_fails_before_the_first_fold() throws IOException {
    Path images = folder.resolve("wrong.idx3-ubyte");
    byte[] bytes = new byte[16 + 30 * 30];
    bytes[2] = 8;
    bytes[3] = 3;
    bytes[7] = 1;
    bytes[11] = 30;
    bytes[15] = 30;
    Files.write(images, bytes);

    Run run = sweep("wrong", "--images", images.toString(), "-q");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).hasLineCount(1).contains("30");
    assertThat(folder.resolve("wrong/journal.jsonl")).doesNotExist();
  }

  @Test
  void a_target_that_cannot_be_met_is_left_out_with_the_reason() throws IOException {
    Run run = sweep("small", "--channels", "0.5", "--size", "1KB");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("not possible: fold, repair none, size 1000");
    assertThat(json("small").get("points")).hasSize(1);
    assertThat(json("small").get("failures")).hasSize(1);
  }

  @Test
  void a_sweep_of_which_nothing_is_possible_is_exit_code_3_and_says_why() {
    Run run = sweep("nothing", "--size", "1KB");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).contains("not possible: fold, repair none, size 1000");
  }

  @Test
  void a_directory_needs_a_text_and_a_file_takes_none() {
    Run directory = Run.of("sweep", folder.toString());
    Run file = sweep("text", "--text", "some.txt");

    assertThat(directory.exitCode()).isEqualTo(2);
    assertThat(directory.err()).contains("--text FILE");
    assertThat(file.exitCode()).isEqualTo(2);
    assertThat(file.err()).contains("model directories");
  }
}
