package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {

  @ParameterizedTest
  @ValueSource(strings = {"fold", "inspect", "eval", "invert", "export", "demo"})
  void the_help_of_every_command_shows_examples(String command) {
    Run run = Run.of(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Examples:", "  pleat " + command);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void the_help_lists_commands_exit_codes_and_examples() {
    assertThat(Run.of("--help").out())
        .contains("fold", "inspect", "eval", "invert", "export", "demo", "generate-completion")
        .contains("Exit codes:", "Examples:", "PLEAT_OPTS");
  }

  @Test
  void the_version_names_pleat_and_the_jdk() {
    assertThat(Run.of("--version").out())
        .matches("(?s)pleat [0-9]+\\.[0-9]+\\.[0-9]+.*JDK [0-9]+.*");
  }

  @Test
  void the_completion_script_knows_commands_and_options() {
    Run run = Run.of("generate-completion");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("complete -F _complete_pleat", "'--channels'", "'--against'");
  }
}
