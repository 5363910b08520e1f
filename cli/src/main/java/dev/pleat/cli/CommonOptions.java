package dev.pleat.cli;

import dev.pleat.cli.terminal.ProgressDisplay;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The options that every command takes. */
@Command
final class CommonOptions {
  private static final String VERBOSE = "--verbose";

  @Option(
      names = {"-v", VERBOSE},
      order = 900,
      description = "Show log messages, timings and the stack trace of a failure.")
  private boolean verbose;

  @Option(
      names = {"-q", "--quiet"},
      order = 901,
      description = "Show nothing but warnings and errors.")
  private boolean quiet;

  @Option(
      names = "--json",
      order = 902,
      description = "Write the result as JSON, and nothing else, to standard output.")
  private boolean json;

  @Option(
      names = "--threads",
      order = 903,
      paramLabel = "N",
      converter = Converters.Threads.class,
      description = "Threads to use; the result does not depend on it. Default: one per processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seed",
      order = 904,
      paramLabel = "N",
      description = "Seed of everything random. Default: ${DEFAULT-VALUE}.")
  private long seed = 0;

  @SuppressWarnings("unused") // Its presence is all that picocli asks for.
  @Option(
      names = {"-h", "--help"},
      order = 905,
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  /** Whether a command line asks for everything to be shown. */
  static boolean verbose(ParseResult parsed) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.hasMatchedOption(VERBOSE);
  }

  boolean verbose() {
    return verbose;
  }

  boolean quiet() {
    return quiet;
  }

  boolean json() {
    return json;
  }

  int threads() {
    return threads;
  }

  /** Whether tables are wanted on standard output. */
  boolean showsTables() {
    return !json && !quiet;
  }

  long seed() {
    return seed;
  }

  /** What shows the progress of this command. */
  ProgressDisplay progress(PrintWriter err) {
    return ProgressDisplay.of(quiet, Boolean.getBoolean("pleat.terminal"), err);
  }
}
