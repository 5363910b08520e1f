package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.data.ImageSize;
import dev.pleat.onnx.request.InvertRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class InvertCommandTest {

  private static InvertRequest request(String arguments) {
    InvertCommand command = new InvertCommand();
    new CommandLine(command).parseArgs(arguments.split(" "));
    return command.request();
  }

  @Test
  void every_option_reaches_the_request() {
    InvertRequest request =
        request(
            "m.onnx -o o.npy --sheet s.png --images 7 --steps 8 --batch 3 --image-size 32x48 --force"
                + " --input-shape x=1x3x8x8 --threads 3 --seed 9");

    assertThat(request.model()).isEqualTo(Path.of("m.onnx"));
    assertThat(request.output()).isEqualTo(Path.of("o.npy"));
    assertThat(request.sheet()).contains(Path.of("s.png"));
    assertThat(request.size()).contains(new ImageSize(32, 48));
    assertThat(request.force()).isTrue();
    assertThat(request.options().images()).hasValue(7);
    assertThat(request.options().steps()).hasValue(8);
    assertThat(request.options().batch()).hasValue(3);
    assertThat(request.options().inputShapes()).containsOnlyKeys("x");
    assertThat(request.options().threads()).isEqualTo(3);
    assertThat(request.options().seed()).isEqualTo(9);
  }

  @Test
  void without_options_the_network_decides_how_much_is_made() {
    InvertRequest request = request("m.onnx -o o.npy");

    assertThat(request.options().images()).isEmpty();
    assertThat(request.options().steps()).isEmpty();
    assertThat(request.options().batch()).isEmpty();
    assertThat(request.sheet()).isEmpty();
    assertThat(request.force()).isFalse();
  }
}
