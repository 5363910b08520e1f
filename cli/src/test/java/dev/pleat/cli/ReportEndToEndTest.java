package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.cli.demo.Demo;
import dev.pleat.onnx.OnnxFolding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Pages of the commands on the bundled network and on a tiny directory. */
class ReportEndToEndTest {
  @TempDir private static Path folder;
  private static String model = "";

  @BeforeAll
  static void unpack() {
    model = Demo.writeModel(folder).toString();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Run fold(String output, String report, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of("fold", model, "-o", path(output), "--channels", "0.5", "--no-verify"));
    command.addAll(List.of("--repair", "approximate", "--report", report));
    command.addAll(List.of(more));
    return Run.of(command.toArray(String[]::new));
  }

  private static List<Path> hidden() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(".")).toList();
    }
  }

  @Test
  void a_fold_leaves_a_page_with_every_group_its_origin_and_the_command() throws IOException {
    Run run = fold("half.onnx", path("half.html"), "--json", "-q");

    assertThat(run.exitCode()).isZero();
    assertThat(JsonMapper.shared().readTree(run.out()).get("groups").get(0).get("clusters"))
        .isNotEmpty();
    String page = Files.readString(folder.resolve("half.html"));
    assertThat(page)
        .contains(
            "2,801,386", "703,354", "layer4.1.conv1", "it is the model output &#39;logits&#39;")
        .contains("pleat fold " + model + " -o " + path("half.onnx") + " --channels 0.5")
        .contains(OnnxFolding.hash(Path.of(model)))
        .contains("id=\"redundancy\"", "id=\"clusters\"", "id=\"variance\"", "id=\"correlation\"");
    assertThat(page.split("<img ", -1)).hasSize(1 + 2 * 12);
    assertThat(hidden()).isEmpty();
  }

  @Test
  void asking_for_a_page_changes_no_byte_of_the_model() throws IOException {
    fold("with.onnx", path("with.html"), "-q");
    Run.of(
        "fold",
        model,
        "-o",
        path("without.onnx"),
        "--channels",
        "0.5",
        "--no-verify",
        "--repair",
        "approximate",
        "-q");

    assertThat(folder.resolve("with.onnx")).hasSameBinaryContentAs(folder.resolve("without.onnx"));
  }

  @Test
  void a_page_that_cannot_be_written_leaves_the_fold_and_is_exit_code_1() throws IOException {
    String page = path("name-without-end".repeat(20) + ".html");

    Run run = fold("kept.onnx", page, "-q");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(2)
        .startsWith("pleat: warning: this model does not do what the original does")
        .contains("\npleat: --report " + page + " cannot be written")
        .contains("all else is done");
    assertThat(folder.resolve("kept.onnx")).isNotEmptyFile();
  }

  @Test
  void a_page_that_has_no_place_is_refused_before_any_work() throws IOException {
    Run absent = fold("unmade.onnx", path("absent/page.html"), "-q");
    Run directory = fold("unmade.onnx", folder.toString(), "-q", "--force");

    assertThat(absent.exitCode()).isEqualTo(3);
    assertThat(absent.err()).hasLineCount(1).contains("absent/page.html", "create it first");
    assertThat(directory.exitCode()).isEqualTo(3);
    assertThat(directory.err()).hasLineCount(1).contains("is a folder; give a file");
    assertThat(folder.resolve("unmade.onnx")).doesNotExist();
  }

  @Test
  void an_existing_page_is_refused_before_any_work_unless_forced() throws IOException {
    Path precious = Files.writeString(folder.resolve("precious.html"), "precious");

    Run refused = fold("refused.onnx", precious.toString(), "-q");

    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).hasLineCount(1).contains("precious.html", "--force");
    assertThat(precious).content().isEqualTo("precious");
    assertThat(folder.resolve("refused.onnx")).doesNotExist();

    assertThat(fold("forced.onnx", precious.toString(), "-q", "--force").exitCode()).isZero();
    assertThat(precious).content().startsWith("<!DOCTYPE html>");
  }

  @Test
  void the_page_takes_the_place_neither_of_the_output_nor_of_the_model() throws IOException {
    byte[] before = Files.readAllBytes(Path.of(model));

    Run output = fold("same.onnx", path("same.onnx"), "-q");
    Run input = fold("other.onnx", model, "-q", "--force");

    assertThat(output.exitCode()).isEqualTo(3);
    assertThat(output.err()).contains("cannot both be");
    assertThat(input.exitCode()).isEqualTo(3);
    assertThat(input.err()).hasLineCount(1).contains("is the input");
    assertThat(folder.resolve("other.onnx")).doesNotExist();
    assertThat(Path.of(model)).hasBinaryContent(before);
  }

  @Test
  void an_inspection_and_a_plan_leave_pages_too() throws IOException {
    Run inspect = Run.of("inspect", model, "--channels", "0.5", "--report", path("inspect.html"));
    Run plan =
        Run.of(
            "fold",
            model,
            "--params",
            "0.5",
            "--dry-run",
            "--repair",
            "none",
            "--report",
            path("plan.html"),
            "-q");

    assertThat(inspect.exitCode()).isZero();
    assertThat(folder.resolve("inspect.html"))
        .content()
        .contains("12 foldable groups of channels, 1 frozen", "256 → 128");
    assertThat(plan.exitCode()).isZero();
    assertThat(folder.resolve("plan.html")).content().contains("planned only");
  }

  @Test
  void a_directory_has_a_page_with_its_blocks() throws IOException {
    Path tiny = TinyLlama.write(folder.resolve("tiny"));

    Run run =
        Run.of(
            "fold",
            tiny.toString(),
            "-o",
            path("small"),
            "--channels",
            "0.5",
            "--report",
            path("small.html"),
            "-q");

    assertThat(run.exitCode()).isZero();
    assertThat(folder.resolve("small.html"))
        .content()
        .contains("layers.0.mlp", "20 → 16", "id=\"correlation\"");
  }
}
