package dev.pleat.cli;

import dev.pleat.cli.terminal.PlainText;
import dev.pleat.core.PleatException;
import dev.pleat.core.Setting;
import java.io.PrintWriter;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns every failure into one line on standard error and an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  /** The model cannot be folded or evaluated as asked. */
  static final int UNABLE = 3;

  @Override
  public int handleParseException(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    StringBuilder line =
        new StringBuilder(
            oneLine(String.valueOf(failure.getMessage())).replaceFirst("^Error: ", ""));
    if (failure instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      line.append("; did you mean ").append(String.join(" or ", unmatched.getSuggestions()));
    }
    line.append(" (see ").append(command.getCommandSpec().qualifiedName()).append(" --help)");
    return report(command, line.toString(), ExitCode.USAGE);
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return handle(failure, command, parsed);
  }

  /** Reports any failure of a command and returns its exit code. */
  int handle(Throwable failure, CommandLine command, ParseResult parsed) {
    if (CommonOptions.verbose(parsed)) {
      failure.printStackTrace(command.getErr());
    }
    return switch (failure) {
      case PleatException expected -> report(command, oneLine(message(expected)), UNABLE);
      case OutOfMemoryError tooSmall -> report(command, memory(tooSmall), ExitCode.SOFTWARE);
      default -> report(command, unexpected(failure), ExitCode.SOFTWARE);
    };
  }

  /** The message of an error, with options where a program would call methods. */
  static String message(PleatException failure) {
    return failure.worded(Failures::option);
  }

  private static String option(Setting setting) {
    String name = setting.name().equals("output") ? "-o" : "--" + setting.name();
    return setting.value().isEmpty() || setting.isOn() ? name : name + " " + setting.value();
  }

  private static String memory(OutOfMemoryError error) {
    // What fails in another thread is wrapped once more, without its words.
    Throwable first = error;
    while (first.getMessage() == null && first.getCause() != null) {
      first = first.getCause();
    }
    long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
    return "out of memory with at most %d MiB of heap (%s); give more with PLEAT_OPTS=-Xmx%dm"
        .formatted(
            mebibytes,
            Objects.requireNonNullElse(first.getMessage(), "nothing more is known"),
            2 * mebibytes);
  }

  private static String unexpected(Throwable failure) {
    return oneLine("failed unexpectedly: " + failure)
        + "; this is a defect of pleat, --verbose shows where";
  }

  private static String oneLine(String message) {
    return PlainText.of(message.strip().replaceAll("\\s*\\R\\s*|\t+", " "));
  }

  private static int report(CommandLine command, String line, int exitCode) {
    PrintWriter err = command.getErr();
    err.println("pleat: " + line);
    err.flush();
    return exitCode;
  }
}
