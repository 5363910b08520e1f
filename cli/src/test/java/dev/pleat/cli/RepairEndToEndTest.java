package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.cli.demo.Demo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Repairs that run the network, on real networks, judged by the accuracy on images held out. */
class RepairEndToEndTest {
  private static final Path RESOURCES = Path.of("../onnx/src/test/resources");
  private static final Path CALIBRATION =
      RESOURCES.resolve("calibration/fashion-mnist-calibration-images.idx3-ubyte.gz");

  @TempDir private static Path folder;
  private static Path resnet = Path.of("");

  @BeforeAll
  static void unpack() {
    resnet = Demo.writeModel(folder);
  }

  private static JsonNode fold(Path model, Path output, String... options) {
    List<String> arguments = new ArrayList<>(List.of("fold", model.toString()));
    arguments.addAll(List.of("-o", output.toString(), "--json", "-q", "--no-verify", "--force"));
    arguments.addAll(Arrays.asList(options));
    return Run.of(arguments.toArray(String[]::new)).json();
  }

  private static JsonNode foldOnData(Path model, Path output, String channels, String repair) {
    return fold(
        model,
        output,
        "--channels",
        channels,
        "--repair",
        repair,
        "--data",
        CALIBRATION.toString(),
        "--mean",
        "0.286",
        "--std",
        "0.353");
  }

  private static void assertVarianceIsRestored(JsonNode report) {
    report
        .get("groups")
        .forEach(group -> assertThat(group.get("varianceRatio").asDouble()).isBetween(0.9, 1.1));
  }

  @Test
  void half_of_the_channels_cost_two_points_with_images_and_least_squares() {
    Path output = folder.resolve("fitted.onnx");

    JsonNode report = foldOnData(resnet, output, "0.5", "auto");

    assertThat(report.get("repair").asString()).isEqualTo("least-squares");
    assertThat(report.get("repairInputs").asString()).startsWith("512 images of ");
    assertThat(report.get("agreement").get("top1").asDouble()).isGreaterThan(0.9);
    assertVarianceIsRestored(report);
    assertThat(BundledImages.accuracy(output)).isGreaterThan(0.915);
  }

  @Test
  void least_squares_keep_a_network_useful_where_statistics_no_longer_do() {
    Path fitted = folder.resolve("fitted-80.onnx");
    Path measured = folder.resolve("measured-80.onnx");

    foldOnData(resnet, fitted, "0.8", "least-squares");
    foldOnData(resnet, measured, "0.8", "data");

    assertThat(BundledImages.accuracy(fitted))
        .isGreaterThan(0.85)
        .isGreaterThan(BundledImages.accuracy(measured) + 0.1);
  }

  @Test
  void a_network_whose_normalisations_are_fused_is_repaired_as_well_as_one_with_live_ones() {
    Path fused = FusedNetwork.write(resnet, folder.resolve("fused.onnx"));
    assertThat(BundledImages.accuracy(fused))
        .isCloseTo(BundledImages.accuracy(resnet), within(1e-3));
    Path live = folder.resolve("live-half.onnx");
    Path half = folder.resolve("fused-half.onnx");

    foldOnData(resnet, live, "0.5", "data");
    JsonNode report = foldOnData(fused, half, "0.5", "data");

    assertVarianceIsRestored(report);
    assertThat(BundledImages.accuracy(half)).isCloseTo(BundledImages.accuracy(live), within(0.01));
    fold(fused, half, "--channels", "0.5", "--repair", "none");
    assertThat(BundledImages.accuracy(half)).isLessThan(BundledImages.accuracy(live) - 0.1);
  }

  @Test
  void a_network_without_statistics_is_repaired_on_pictures_that_it_chose() {
    Path fused =
        FusedNetwork.write(
            RESOURCES.resolve("networks").resolve("vgg-bn.onnx"), folder.resolve("fused-vgg.onnx"));
    Path drawn = folder.resolve("drawn.onnx");
    Path approximate = folder.resolve("approximate.onnx");

    JsonNode report = fold(fused, drawn, "--channels", "0.5", "--effort", "low");
    fold(fused, approximate, "--channels", "0.5", "--repair", "approximate");

    assertThat(report.get("repair").asString()).isEqualTo("least-squares");
    assertThat(report.get("repairInputs").asString()).contains("drawn pictures");
    assertThat(BundledImages.accuracy(drawn))
        .isGreaterThan(0.8)
        .isGreaterThan(BundledImages.accuracy(approximate) + 0.05);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vgg-bn", "mobile-bn"})
  void made_inputs_do_as_well_as_the_statistics_of_real_ones(String name) {
    Path model = RESOURCES.resolve("networks").resolve(name + ".onnx");
    Path made = folder.resolve(name + "-made.onnx");
    Path measured = folder.resolve(name + "-measured.onnx");

    JsonNode report = fold(model, made, "--channels", "0.5", "--samples", "48");
    foldOnData(model, measured, "0.5", "data");

    assertThat(report.get("repair").asString()).isEqualTo("least-squares");
    assertThat(report.get("repairReason").asString()).contains("without data", "48 inputs made");
    assertVarianceIsRestored(report);
    assertThat(BundledImages.accuracy(made))
        .isGreaterThanOrEqualTo(BundledImages.accuracy(measured));
  }
}
