package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands on a model directory. */
class FoldDirectoryTest {
  @TempDir private static Path folder;
  private static String model = "";

  @BeforeAll
  static void writeModel() throws IOException {
    model = TinyLlama.write(folder.resolve("tiny")).toString();
  }

  private static String output(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void folding_shows_the_widths_and_how_they_were_rounded() {
    Run run = Run.of("fold", model, "-o", output("rounded"), "--channels", "0.5");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("widths    mlp 20 -> 16 (a multiple of 8; --round 1 rounds nothing)")
        .contains("pleat eval " + output("rounded") + " --against " + model + " --text FILE");
  }

  @Test
  void rounding_can_be_turned_off() {
    Run run =
        Run.of("fold", model, "-o", output("exact"), "--channels", "0.5", "--round", "1", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode group = JsonMapper.shared().readTree(run.out()).get("groups").get(0);
    assertThat(group.get("name").asString()).isEqualTo("layers.0.mlp");
    assertThat(group.get("before").asInt()).isEqualTo(20);
    assertThat(group.get("after").asInt()).isEqualTo(10);
  }

  @Test
  void heads_are_target_enough() {
    Run run = Run.of("fold", model, "-o", output("heads"), "--heads", "0.5");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("widths    attention 2 -> 1");
  }

  @Test
  void layers_are_target_enough_and_one_has_to_stay() {
    Run run = Run.of("fold", model, "-o", output("layers"), "--layers", "1");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("--layers asks for 1 of 1 layers to go");
  }

  @Test
  void an_existing_output_is_exit_code_3() {
    Run.of("fold", model, "-o", output("twice"), "--channels", "0.5");
    Run run = Run.of("fold", model, "-o", output("twice"), "--channels", "0.5");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("twice exists; give --force to replace it");
  }

  @Test
  void inspection_shows_what_folds_and_what_does_not() {
    Run run = Run.of("inspect", model, "--channels", "0.5", "-v");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("layers.0.mlp", "layers.0.attention", "normalisations mix its channels")
        .contains("model.layers.0.mlp.down_proj.weight[1] consumer");
  }

  @Test
  void spark_without_its_jar_is_exit_code_3() {
    Run run =
        Run.of("fold", model, "-o", output("spark"), "--channels", "0.5", "--spark", "local[2]");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err().lines())
        .last()
        .asString()
        .contains("--spark", "is not on the class path", "./mvnw -Pspark", "spark-submit");
    assertThat(folder.resolve("spark")).doesNotExist();
  }
}
