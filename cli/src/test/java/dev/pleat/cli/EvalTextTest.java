package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code eval} and {@code export} on a model directory, whole. */
class EvalTextTest {
  private static final String MODEL = "../llm/src/test/resources/stories260k";
  private static final String TEXT = MODEL + "/tinystories-sample.txt";

  @TempDir private Path folder;

  @Test
  void json_holds_the_perplexity_and_the_agreement_with_the_original() throws IOException {
    Run run = Run.of("eval", MODEL, "--text", TEXT, "--against", MODEL, "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = JsonMapper.shared().readTree(run.out());
    assertThat(report.get("perplexity").doubleValue()).isCloseTo(3.548, within(0.005));
    assertThat(report.get("tokens").intValue()).isEqualTo(1804);
    assertThat(report.get("nll").doubleValue()).isCloseTo(1.2664, within(0.002));
    assertThat(report.at("/agreement/klDivergence").doubleValue()).isZero();
    assertThat(report.at("/agreement/top1").doubleValue()).isOne();
  }

  @Test
  void the_table_shows_perplexity_and_speed() {
    Run run = Run.of("eval", MODEL, "--text", TEXT, "--context", "128", "--stride", "64");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("perplexity", "1,804", "tokens per second", "1.04 MB");
    assertThat(run.err()).contains("read");
  }

  @Test
  void an_export_says_where_its_weights_are() {
    Path output = folder.resolve("model.onnx");
    Run run = Run.of("export", MODEL, "-o", output.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("reads its weights from model.onnx.data");
    assertThat(output).exists();
  }

  @Test
  void a_model_that_cannot_be_read_is_exit_code_3_and_one_line() {
    Run run = Run.of("eval", folder.toString(), "--text", TEXT);

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).startsWith("pleat: ").contains("tokenizer.json").hasLineCount(1);
  }
}
