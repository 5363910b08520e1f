package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.cli.demo.Demo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands on the bundled network. */
class FoldEndToEndTest {
  @TempDir private static Path folder;
  private static String model = "";

  @BeforeAll
  static void unpack() {
    model = Demo.writeModel(folder).toString();
  }

  private static String output(String name) {
    return folder.resolve(name).toString();
  }

  private static JsonNode json(Run run) {
    return JsonMapper.builder().build().readTree(run.out());
  }

  @Test
  void folding_writes_a_smaller_file_and_only_json_to_standard_output() throws IOException {
    String half = output("half.onnx");

    Run run =
        Run.of("fold", model, "-o", half, "--channels", "0.5", "--repair", "approximate", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = json(run);
    assertThat(report.get("output").asString()).isEqualTo(half);
    assertThat(report.get("repair").asString()).isEqualTo("approximate");
    assertThat(report.get("bytes").get("after").asLong()).isEqualTo(Files.size(Path.of(half)));
    assertThat(report.get("parameters").get("after").asLong()).isLessThan(750_000);
    assertThat(report.get("verification").get("ran").asBoolean()).isTrue();
    assertThat(run.err()).contains("pleat: read");
  }

  @Test
  void folding_ends_with_a_table_and_the_command_to_evaluate_it() {
    Run run =
        Run.of(
            "fold",
            model,
            "-o",
            output("table.onnx"),
            "--params",
            "0.5",
            "--repair",
            "approximate");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("parameters", "size", "FLOPs", "latency", "channels", "J ", "variance ratio")
        .contains("verified  yes", "pleat eval " + output("table.onnx") + " --against " + model);
  }

  @Test
  void quiet_shows_nothing_but_that_the_model_is_ruined() {
    Run run =
        Run.of(
            "fold",
            model,
            "-o",
            output("quiet.onnx"),
            "--channels",
            "0.95",
            "--repair",
            "none",
            "-q",
            "--no-verify");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .hasLineCount(1)
        .startsWith("pleat: warning: this model does not do what the original does");
  }

  @Test
  void a_dry_run_reports_and_writes_nothing() {
    Run run =
        Run.of(
            "fold", model, "--size", "5MB", "--repair", "approximate", "--dry-run", "--json", "-q");

    assertThat(run.exitCode()).isZero();
    assertThat(json(run).get("output").asString()).isEmpty();
    assertThat(json(run).get("bytes").get("after").asLong()).isLessThanOrEqualTo(5_000_000);
  }

  @Test
  void an_existing_output_stays_unless_forced() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.onnx"), "precious");
    String[] command = {
      "fold", model, "-o", precious.toString(), "--channels", "0.5", "--repair", "approximate", "-q"
    };

    Run refused = Run.of(command);

    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).startsWith("pleat: ").contains("precious.onnx", "--force");
    assertThat(precious).content().isEqualTo("precious");
  }

  @Test
  void the_input_is_never_written_over() throws IOException {
    byte[] before = Files.readAllBytes(Path.of(model));

    Run run =
        Run.of(
            "fold",
            model,
            "-o",
            model,
            "--channels",
            "0.5",
            "--repair",
            "approximate",
            "--force",
            "-q");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).hasLineCount(1);
    assertThat(Path.of(model)).hasBinaryContent(before);
  }

  @Test
  void a_model_that_is_not_there_is_exit_code_3_and_one_line() {
    Run run = Run.of("inspect", output("absent.onnx"));

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).startsWith("pleat: ").contains("absent.onnx").hasLineCount(1);
  }

  @Test
  void inspecting_shows_foldable_groups_their_planned_widths_and_frozen_ones() {
    Run run = Run.of("inspect", model, "--channels", "0.5", "-v");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("12 foldable groups, 1 frozen")
        .containsPattern("(?m)^layer4\\.1\\.conv1 +256 .*█.* 128$")
        .containsPattern("(?m)^linear +10 +it is the model output 'logits'$")
        .containsPattern("(?m)^layer4\\.1\\.conv1\n  ");
  }

  @Test
  void a_repair_of_language_models_is_refused_for_a_file(@TempDir Path folder) {
    String output = folder.resolve("out.onnx").toString();
    Run run = Run.of("fold", model, "-o", output, "--channels", "0.5", "--repair", "self");

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("--repair self is for directories", "least-squares or auto");
    assertThat(Path.of(output)).doesNotExist();
  }
}
