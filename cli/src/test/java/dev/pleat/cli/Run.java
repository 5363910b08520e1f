package dev.pleat.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One run of the command line inside this JVM. */
record Run(int exitCode, String out, String err) {

  static Run of(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine pleat =
        Pleat.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = pleat.execute(arguments);
    return new Run(exitCode, out.toString(), err.toString());
  }
}
