package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.cli.terminal.PlainText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Names in a file cannot command the terminal that they are shown on. */
class HostileNamesTest {
  @TempDir private Path folder;

  private String finding(String name) throws IOException {
    try (InputStream in = HostileNamesTest.class.getResourceAsStream("/findings/" + name)) {
      Files.copy(in, folder.resolve(name));
    }
    return folder.resolve(name).toString();
  }

  private static void hasNoControls(String text) {
    assertThat(text.replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void tables_show_their_control_characters() throws IOException {
    Run run = Run.of("inspect", finding("evil.onnx"), "--channels", "0.5", "-v");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("\\u001b[31;1mRED\\u001b]0;pwn\\u0007");
    hasNoControls(run.out() + run.err());
  }

  @Test
  void errors_show_them_with_and_without_a_stack_trace() throws IOException {
    String model = finding("evilbad.onnx");
    for (String option : new String[] {"-q", "-v"}) {
      Run run = Run.of("inspect", model, option);

      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.err()).contains("\\u001b[2J\\u001b[31mpwned\\u0007");
      hasNoControls(run.err().replace("\t", ""));
    }
    Run usage = Run.of("inspect", model, "--\u001b[2J");
    assertThat(usage.exitCode()).isEqualTo(2);
    hasNoControls(usage.err());
  }

  @Test
  void json_holds_them_as_json_does() throws IOException {
    Run run = Run.of("inspect", finding("evil.onnx"), "--json", "-q");

    hasNoControls(run.out());
    assertThat(JsonMapper.shared().readTree(run.out()).get("groups").findValuesAsString("name"))
        .contains("\u001b[31;1mRED\u001b]0;pwn\u0007");
  }

  @Test
  void text_that_turns_its_direction_or_is_controlled_in_8_bits_is_shown_too() {
    assertThat(PlainText.of("a\u202eb\u009b2Jc\r\tä漢😀\n"))
        .isEqualTo("a\\u202eb\\u009b2Jc\\u000d\tä漢😀\n");
  }
}
