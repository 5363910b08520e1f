package dev.pleat.cli;

import dev.pleat.cli.terminal.LogOutput;
import dev.pleat.cli.terminal.PlainText;
import dev.pleat.core.PleatException;
import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code pleat} command. */
@Command(
    name = "pleat",
    description = "Folds trained neural networks into smaller ones, without data or fine-tuning.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      FoldCommand.class,
      InspectCommand.class,
      EvalCommand.class,
      ExportCommand.class,
      SweepCommand.class,
      MergeCommand.class,
      InvertCommand.class,
      DemoCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed unexpectedly, or all but a --report is done",
      "2:wrong usage",
      "3:the model cannot be folded or evaluated as asked; nothing was written"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pleat demo",
      "  pleat inspect model.onnx --channels 0.5",
      "  pleat fold model.onnx -o small.onnx --channels 0.5",
      "  pleat eval small.onnx --images test/ --against model.onnx",
      "  pleat sweep model.onnx --images test/ -o results",
      "  pleat merge a.onnx b.onnx -o merged.onnx",
      "  pleat invert model.onnx -o made.npy --sheet made.png",
      "  source <(pleat generate-completion)",
      "",
      "PLEAT_OPTS holds options for the JVM: -Xmx8g, -Dpleat.blas=openblas|vector|java."
    })
public final class PleatCommand implements Runnable {
  @SuppressWarnings("NullAway.Init")
  @Spec
  private CommandSpec spec;

  /** Runs one command and leaves with its exit code. */
  public static void main(String... arguments) {
    if (System.getProperty("pleat.launcher") != null) {
      // Whoever kills the launcher means this process, which would hear nothing of it.
      ProcessHandle.current()
          .parent()
          .ifPresent(launcher -> launcher.onExit().thenRun(() -> Runtime.getRuntime().halt(137)));
    }
    System.exit(commandLine().execute(arguments));
  }

  /** The command line, complete with its handling of failures; it never exits the JVM. */
  public static CommandLine commandLine() {
    Failures failures = new Failures();
    CommandLine commandLine =
        new CommandLine(new PleatCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpWidth(100)
            .setParameterExceptionHandler(failures)
            .setExecutionExceptionHandler(failures)
            .setOut(new PrintWriter(System.out, true, System.out.charset()))
            .setErr(new PrintWriter(System.err, true, System.err.charset()));
    return commandLine.setExecutionStrategy(parsed -> run(parsed, failures));
  }

  private static int run(ParseResult parsed, Failures failures) {
    if (CommonOptions.verbose(parsed)) {
      LogOutput.showEverything();
    }
    boolean help = asksForHelp(parsed);
    if (!help) {
      CommandLine root = parsed.commandSpec().root().commandLine();
      root.setOut(PlainText.through(root.getOut())).setErr(PlainText.through(root.getErr()));
    }
    try {
      if (!help) {
        ForeignModels.refuse(parsed);
      }
      return new CommandLine.RunLast().execute(parsed);
    } catch (PleatException | Error failure) {
      return failures.handle(failure, parsed.commandSpec().commandLine(), parsed);
    }
  }

  /** Help is the only text with control characters of our own. */
  private static boolean asksForHelp(ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      if (command.isUsageHelpRequested() || command.isVersionHelpRequested()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
