package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.cli.demo.Demo;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.run.TensorValue;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code pleat invert} on the bundled network. */
class InvertEndToEndTest {
  @TempDir private static Path folder;
  private static Path model = Path.of("");

  @BeforeAll
  static void unpack() {
    model = Demo.writeModel(folder);
  }

  private static Run invert(String... options) {
    List<String> arguments = new ArrayList<>(List.of("invert", model.toString()));
    arguments.addAll(Arrays.asList(options));
    return Run.of(arguments.toArray(String[]::new));
  }

  /** Refused for this reason before the optimisation begins, leaving nothing behind. */
  private static void assertRefused(Run run, String... parts) throws IOException {
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(parts).hasLineCount(1);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).noneMatch(file -> file.getFileName().toString().startsWith(".pleat"));
    }
  }

  @Test
  void images_and_their_sheet_are_made() throws IOException {
    Path output = folder.resolve("made.npy");
    Path sheet = folder.resolve("made.png");
    Run run =
        invert(
            "-o",
            output.toString(),
            "--sheet",
            sheet.toString(),
            "--images",
            "30",
            "--steps",
            "25",
            "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = JsonMapper.builder().build().readTree(run.out());
    assertThat(report.get("input").asString()).isEqualTo("image");
    assertThat(report.get("shape").toString()).isEqualTo("[30,1,28,28]");
    assertThat(report.get("classes").asInt()).isEqualTo(10);
    assertThat(report.get("recognised").asDouble()).isGreaterThan(0.9);
    assertThat(report.get("mismatch").asDouble())
        .isLessThan(report.get("worstMismatch").asDouble());
    assertThat(report.get("lossAfter").asDouble())
        .isLessThan(report.get("lossBefore").asDouble() / 4);
    assertThat(report.get("steps").asInt()).isEqualTo(25);
    assertThat(report.get("diverged").asBoolean()).isFalse();
    assertThat(run.err()).contains("invert (25 steps)", "invert 25 of 25: loss", "statistics");
    try (TensorFile file = TensorFile.open(output)) {
      TensorValue images = file.slice(TensorFile.ONLY, 0, 30);
      assertThat(images.shape()).containsExactly(30, 1, 28, 28);
    }
    BufferedImage picture = ImageIO.read(sheet.toFile());
    assertThat(picture.getWidth()).isEqualTo(5 * (2 * 28 + 2) + 2);
    assertThat(picture.getHeight()).isEqualTo(6 * (2 * 28 + 2) + 2);
    int[] colours = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, 1000);
    assertThat(Arrays.stream(colours).distinct().count()).isGreaterThan(100);
  }

  @Test
  void people_get_a_table() {
    Path output = folder.resolve("table.npy");
    Run run = invert("-o", output.toString(), "--images", "10", "--steps", "2", "--threads", "1");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("10x1x28x28", "taken for their class, of 10", "mismatch of the statistics")
        .contains("written   " + output);
  }

  @Test
  void an_existing_output_stays_unless_forced() throws IOException {
    Path output = Files.writeString(folder.resolve("there.npy"), "mine");

    assertRefused(invert("-o", output.toString()), "there.npy exists", "--force");
    assertThat(output).hasContent("mine");
    Run forced = invert("-o", output.toString(), "--images", "2", "--steps", "1", "--force");
    assertThat(forced.exitCode()).isZero();
    assertThat(TensorFile.isOne(output)).isTrue();
  }

  @Test
  void what_cannot_be_written_is_known_before_anything_is_made() throws IOException {
    String output = folder.resolve("o.npy").toString();
    Path sheet = Files.writeString(folder.resolve("there.png"), "mine");

    assertRefused(invert("-o", folder.resolve("no/o.npy").toString()), "folder", "does not exist");
    assertRefused(invert("-o", folder.toString()), "is a folder");
    assertRefused(invert("-o", model.toString(), "--force"), "is the input");
    assertRefused(invert("-o", output, "--sheet", sheet.toString()), "there.png exists");
    assertRefused(invert("-o", output, "--sheet", output), "o.npy", "name another");
    assertThat(Path.of(output)).doesNotExist();
  }

  @Test
  void sizes_that_do_not_fit_are_refused() throws IOException {
    String output = folder.resolve("o.npy").toString();

    assertRefused(invert("-o", output, "--size", "32x32"), "32x32", "[-1, 1, 28, 28]");
    assertRefused(invert("-o", output, "--input-shape", "1x3x28x28"), "[1, 3, 28, 28]", "'image'");
    assertRefused(
        invert("-o", output, "--image-size", "28x28", "--input-shape", "1x1x28x28"),
        "--input-shape");
  }
}
