package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a command is asked to write, and with --force, its inputs stay as they are. */
class InputsAreSafeTest {
  @TempDir private Path folder;
  private Map<String, byte[]> before = Map.of();

  @BeforeEach
  void inputs() throws IOException {
    for (String name : new String[] {"convext.onnx", "convext.bin"}) {
      try (InputStream in = InputsAreSafeTest.class.getResourceAsStream("/findings/" + name)) {
        Files.copy(in, folder.resolve(name));
      }
    }
    TinyLlama.write(folder.resolve("tiny"));
    Files.writeString(folder.resolve("text.txt"), "Once upon a time");
    before = files();
  }

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  /** Words that begin with @ are files in the folder. */
  private void refuses(String command) throws IOException {
    Run run =
        Run.of(
            java.util.Arrays.stream(command.split(" "))
                .map(word ->
                    word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word)
                .toArray(String[]::new));
    assertThat(run.exitCode()).as(command).isEqualTo(3);
    assertThat(run.err()).as(command).hasLineCount(1);
    assertThat(files().keySet()).as(command).isEqualTo(before.keySet());
    for (Map.Entry<String, byte[]> file : files().entrySet()) {
      assertThat(file.getValue()).as(command).isEqualTo(before.get(file.getKey()));
    }
  }

  @Test
  void a_page_does_not_take_the_place_of_the_models_data() throws IOException {
    refuses("inspect @convext.onnx --report @convext.bin --force -q");
    refuses(
        "fold @convext.onnx -o @o.onnx --channels 0.5 --report @convext.bin --force --repair none -q");
    refuses("fold @convext.onnx --dry-run --channels 0.5 --report @convext.bin --force -q");
  }

  @Test
  void images_do_not_take_the_place_of_the_models_data() throws IOException {
    refuses("invert @convext.onnx -o @convext.bin --force -q");
    refuses("invert @convext.onnx -o @made.npy --sheet @convext.bin --force -q");
  }

  @Test
  void files_of_a_directory_stay() throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      refuses("inspect @tiny --report @tiny/" + file + " --force -q");
      refuses(
          "fold @tiny -o @small --channels 0.5 --report @tiny/"
              + file
              + " --force --repair none -q");
    }
    Files.createSymbolicLink(folder.resolve("link.html"), Path.of("tiny/config.json"));
    before = files();
    refuses("inspect @tiny --report @link.html --force -q");
  }

  @Test
  void what_a_repair_or_an_evaluation_reads_stays() throws IOException {
    refuses("fold @tiny -o @small --channels 0.5 --data @text.txt --report @text.txt --force -q");
    refuses("sweep @tiny --text @text.txt --report @text.txt --force -q");
    Files.createDirectory(folder.resolve("old"));
    Files.copy(folder.resolve("tiny/config.json"), folder.resolve("old/config.json"));
    Files.writeString(folder.resolve("old/text.txt"), "Once upon a time");
    before = files();
    refuses("fold @tiny -o @old --channels 0.5 --data @old/text.txt --force -q");
  }

  @Test
  void two_outputs_of_a_command_are_not_one_file() throws IOException {
    refuses("fold @convext.onnx -o @o.onnx --channels 0.5 --report @o.onnx.data -q");
    refuses("sweep @convext.onnx -o @results --report @results/sweep.json -q");
    refuses("invert @convext.onnx -o @made.npy --sheet @tiny/../made.npy -q");
  }
}
