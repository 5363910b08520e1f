package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Merges of real networks, judged by the accuracy on images that none of them has seen. */
class MergeEndToEndTest {
  private static final Path RESOURCES = Path.of("../onnx/src/test/resources");

  @TempDir private static Path folder;

  private static Path network(String name) {
    return RESOURCES.resolve("networks").resolve(name + ".onnx");
  }

  private static JsonNode merge(String a, String b, Path output, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("merge", network(a).toString(), network(b).toString()));
    arguments.addAll(List.of("-o", output.toString(), "--json", "-q", "--no-verify"));
    arguments.addAll(Arrays.asList(options));
    return Run.of(arguments.toArray(String[]::new)).json();
  }

  @Test
  void networks_of_other_seeds_merge_into_one_nearly_as_good_on_a_few_images() {
    Path merged = folder.resolve("merged.onnx");

    merge(
        "vgg-bn",
        "vgg-bn-21",
        merged,
        "--data",
        RESOURCES.resolve("calibration/fashion-mnist-calibration-images.idx3-ubyte.gz").toString(),
        "--mean",
        "0.286",
        "--std",
        "0.353",
        "--samples",
        "128");

    assertThat(BundledImages.accuracy(merged)).isGreaterThan(0.89);
  }

  @Test
  void networks_of_other_classes_merge_into_one_that_tells_all_of_them_apart_without_data() {
    Path merged = folder.resolve("joint.onnx");

    JsonNode report =
        merge(
            "vgg-small-01234", "vgg-small-15-56789", merged, "--heads", "joint", "--samples", "64");

    assertThat(report.get("headsFitted").asBoolean()).isTrue();
    assertThat(BundledImages.accuracy(merged)).isGreaterThan(0.7);
  }
}
