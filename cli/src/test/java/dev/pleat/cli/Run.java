package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One run of the command line inside this JVM. */
record Run(int exitCode, String out, String err) {

  static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine pleat =
        PleatCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = pleat.execute(arguments);
    return new Run(exitCode, out.toString(), err.toString());
  }

  /** What a run that went well has printed. */
  JsonNode json() {
    assertThat(exitCode).as(err).isZero();
    return JsonMapper.builder().build().readTree(out);
  }
}
