package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What cannot be folded, but is often given, is named before any work. */
class ForeignModelsTest {
  static final List<String> COMMANDS =
      List.of("fold", "inspect", "eval", "export", "sweep", "invert");

  @TempDir private Path folder;

  @ParameterizedTest
  @FieldSource("COMMANDS")
  void a_gguf_file_is_named_as_one(String command) throws IOException {
    Path model = Files.write(folder.resolve("model.bin"), new byte[] {'G', 'G', 'U', 'F', 3, 0});

    Run run = run(command, model.toString());

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).startsWith("pleat: " + model + ": is a GGUF file").hasLineCount(1);
  }

  @ParameterizedTest
  @FieldSource("COMMANDS")
  void a_name_on_the_hub_is_no_path(String command) {
    Run run = run(command, "an-organisation/a-model-1.5B");

    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .startsWith("pleat: an-organisation/a-model-1.5B: is no file or directory here")
        .contains("hf download an-organisation/a-model-1.5B --local-dir a-model-1.5B")
        .hasLineCount(1);
  }

  private Run run(String command, String model) {
    return List.of("inspect", "eval").contains(command)
        ? Run.of(command, model)
        : Run.of(command, model, "-o", folder.resolve("out").toString());
  }
}
