package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.PleatException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class FailuresTest {
  private final StringWriter err = new StringWriter();

  private int handle(Throwable failure, String... arguments) {
    CommandLine pleat = PleatCommand.commandLine().setErr(new PrintWriter(err));
    return new Failures().handle(failure, pleat, pleat.parseArgs(arguments));
  }

  @Test
  void what_the_user_can_mend_is_exit_code_3_and_its_own_line() {
    assertThat(handle(new PleatException("m.onnx: is\tempty;\n use another"), "inspect", "m.onnx"))
        .isEqualTo(3);
    assertThat(err.toString()).isEqualTo("pleat: m.onnx: is empty; use another\n");
  }

  @Test
  void a_defect_is_exit_code_1_and_one_line_without_a_stack_trace() {
    assertThat(handle(new IllegalStateException("no"), "inspect", "m.onnx")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith("pleat: failed unexpectedly: java.lang.IllegalStateException: no")
        .hasLineCount(1);
  }

  @Test
  void verbose_shows_the_stack_trace_before_the_line() {
    assertThat(handle(new IllegalStateException("no"), "inspect", "m.onnx", "-v")).isEqualTo(1);
    assertThat(err.toString())
        .contains("\tat dev.pleat.cli.FailuresTest")
        .containsPattern("\npleat: failed unexpectedly: [^\n]*\n$");
  }

  @Test
  void a_full_heap_says_how_to_raise_it() {
    assertThat(handle(new OutOfMemoryError("Java heap space"), "inspect", "m.onnx")).isEqualTo(1);
    assertThat(err.toString()).contains("out of memory", "PLEAT_OPTS=-Xmx").hasLineCount(1);
  }

  @Test
  void a_full_heap_in_another_thread_is_told_in_its_own_words() {
    OutOfMemoryError wrapped = new OutOfMemoryError();
    wrapped.initCause(new OutOfMemoryError("Java heap space"));

    assertThat(handle(wrapped, "inspect", "m.onnx")).isEqualTo(1);
    assertThat(err.toString()).contains("(Java heap space)").doesNotContain("null");
  }
}
