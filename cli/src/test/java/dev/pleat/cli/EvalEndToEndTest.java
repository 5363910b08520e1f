package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.cli.demo.Demo;
import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code pleat eval} on the bundled network and images. */
class EvalEndToEndTest {
  private static final Path BUNDLED = Path.of("src/main/resources/demo");
  private static final String IMAGES = BUNDLED.resolve("images.idx3-ubyte.gz").toString();
  private static final String LABELS = BUNDLED.resolve("labels.idx1-ubyte.gz").toString();

  @TempDir private static Path folder;
  private static String model = "";

  @BeforeAll
  static void unpack() {
    model = Demo.writeModel(folder).toString();
  }

  private static Run eval(String... options) {
    List<String> arguments = new ArrayList<>(List.of("eval", model));
    arguments.addAll(List.of("--mean", "0.286", "--std", "0.353"));
    arguments.addAll(Arrays.asList(options));
    return Run.of(arguments.toArray(String[]::new));
  }

  private static void assertRefused(Run run, String... parts) {
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    List<String> lines = run.err().lines().filter(line -> !line.matches("pleat: \\w+")).toList();
    assertThat(lines).singleElement().asString().contains(parts);
  }

  @Test
  void the_bundled_network_is_as_accurate_as_its_training_left_it() throws IOException {
    Run run = eval("--images", IMAGES, "--labels", LABELS, "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = JsonMapper.builder().build().readTree(run.out());
    assertThat(report.get("accuracy").asDouble()).isCloseTo(0.936, within(0.001));
    assertThat(report.get("top5").asDouble()).isGreaterThan(0.99);
    assertThat(report.get("count").asInt()).isEqualTo(2000);
    assertThat(report.get("bytes").asLong()).isEqualTo(Files.size(Path.of(model)));
    assertThat(report.get("latencyMs").get("median").asDouble()).isPositive();
    assertThat(report.get("latencyMs").get("p90").asDouble())
        .isGreaterThanOrEqualTo(report.get("latencyMs").get("median").asDouble());
  }

  @Test
  void a_network_agrees_with_itself_without_labels() {
    Run run = eval("--images", IMAGES, "--against", model, "--json", "-q");

    assertThat(run.exitCode()).isZero();
    JsonNode agreement = JsonMapper.builder().build().readTree(run.out()).get("agreement");
    assertThat(agreement.get("top1").asDouble()).isEqualTo(1);
    assertThat(agreement.get("maxAbsDifference").asDouble()).isZero();
    assertThat(agreement.get("klDivergence").asDouble()).isCloseTo(0, within(1e-6));
  }

  @Test
  void a_folder_for_each_class_is_read_in_the_order_of_their_names() throws IOException {
    Path images = folder.resolve("classes");
    for (int label = 0; label < 10; label++) {
      Path folderOfClass = Files.createDirectories(images.resolve("class" + label));
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      ImageIO.write(image, "png", folderOfClass.resolve("black.png").toFile());
    }

    Run run = eval("--images", images.toString(), "--json", "-q");

    assertThat(run.exitCode()).isZero();
    JsonNode report = JsonMapper.builder().build().readTree(run.out());
    // Ten times the same picture is right for just one of ten classes.
    assertThat(report.get("accuracy").asDouble()).isEqualTo(0.1);
    assertThat(report.get("count").asInt()).isEqualTo(10);
  }

  @Test
  void labels_for_another_number_of_images_are_refused() throws IOException {
    Path labels = folder.resolve("three-labels");
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(labels))) {
      out.writeInt(0x801);
      out.writeInt(3);
      out.write(new byte[] {1, 2, 3});
    }

    assertRefused(
        eval("--images", IMAGES, "--labels", labels.toString()), "3", "2000", "three-labels");
  }

  @Test
  void images_of_another_size_are_refused_with_the_option_that_helps() throws IOException {
    assertRefused(eval("--images", idx(20, 20)), "20", "28", "--size");
  }

  @Test
  void images_that_are_not_there_are_refused() {
    assertRefused(eval("--images", "nowhere"), "nowhere");
  }

  @Test
  void a_broken_image_file_is_refused() throws IOException {
    Path broken = folder.resolve("broken.gz");
    Files.write(broken, Arrays.copyOf(Files.readAllBytes(Path.of(IMAGES)), 1000));

    assertRefused(eval("--images", broken.toString()), "broken.gz");
  }

  @Test
  void colour_files_do_not_fit_a_network_for_grey_images() throws IOException {
    Path cifar = folder.resolve("test_batch.bin");
    Files.write(cifar, new byte[2 * 3073]);

    assertRefused(eval("--images", cifar.toString()), "test_batch.bin", "channel");
  }

  @Test
  void labels_without_images_are_wrong_usage() {
    assertThat(eval("--labels", LABELS).exitCode()).isEqualTo(2);
  }

  private static String idx(int height, int width) throws IOException {
    Path images = folder.resolve("images-%dx%d".formatted(height, width));
    try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(images))) {
      out.writeInt(0x803);
      out.writeInt(2);
      out.writeInt(height);
      out.writeInt(width);
      out.write(new byte[2 * height * width]);
    }
    return images.toString();
  }
}
