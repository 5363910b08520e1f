package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.data.Layout;
import dev.pleat.onnx.request.EvalRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class EvalCommandTest {

  private static EvalRequest request(String arguments) {
    EvalCommand command = new EvalCommand();
    new CommandLine(command).parseArgs(arguments.split(" "));
    return command.request();
  }

  @Test
  void every_option_reaches_the_request() {
    EvalRequest request =
        request(
            "m.onnx --images i --labels l --against a.onnx --mean 0.1,-0.2,0.3 --std 0.4"
                + " --size 32x48 --layout NHWC --batch 7 --latency-batch 2 --output-name logits"
                + " --input-shape 1x3x8x8 --threads 3");

    assertThat(request.model()).isEqualTo(Path.of("m.onnx"));
    assertThat(request.images()).contains(Path.of("i"));
    assertThat(request.labels()).contains(Path.of("l"));
    assertThat(request.against()).contains(Path.of("a.onnx"));
    assertThat(request.preprocessing().mean()).containsExactly(0.1, -0.2, 0.3);
    assertThat(request.preprocessing().std()).containsExactly(0.4);
    assertThat(request.preprocessing().size()).contains(new ImageSize(32, 48));
    assertThat(request.preprocessing().layout()).contains(Layout.NHWC);
    assertThat(request.batch()).hasValue(7);
    assertThat(request.latencyBatch()).isEqualTo(2);
    assertThat(request.outputName()).contains("logits");
    assertThat(request.inputShapes()).containsOnlyKeys("*");
    assertThat(request.threads()).isEqualTo(3);
  }

  @Test
  void without_options_pixels_are_taken_as_they_are() {
    EvalRequest request = request("m.onnx");

    assertThat(request.images()).isEmpty();
    assertThat(request.preprocessing().mean()).containsExactly(0.0);
    assertThat(request.preprocessing().std()).containsExactly(1.0);
    assertThat(request.preprocessing().size()).isEmpty();
    assertThat(request.preprocessing().layout()).isEmpty();
    assertThat(request.batch()).isEmpty();
  }
}
