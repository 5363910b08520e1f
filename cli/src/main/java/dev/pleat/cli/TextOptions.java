package dev.pleat.cli;

import dev.pleat.cli.terminal.Json;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.report.TextReport;
import dev.pleat.llm.eval.TextEvaluation;
import dev.pleat.llm.eval.TextRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code eval} that only model directories take, and what they ask for. */
@Command
final class TextOptions {
  @Option(
      names = "--text",
      order = 30,
      paramLabel = "FILE",
      description = "Directories: the UTF-8 text to predict; <|endoftext|> separates documents.")
  private Optional<Path> text = Optional.empty();

  @Option(
      names = "--context",
      order = 31,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Directories: tokens read at once. Default: all that the model takes, or 2048.")
  private Optional<Integer> context = Optional.empty();

  @Option(
      names = "--stride",
      order = 32,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "Directories: tokens from one reading to the next. Default: the context.")
  private Optional<Integer> stride = Optional.empty();

  @Option(
      names = "--architecture",
      order = 33,
      paramLabel = "FILE",
      description = "Directories: describes the model's family, where Pleat does not know it.")
  private Optional<Path> architecture = Optional.empty();

  /**
   * Whether a model is a directory.
   *
   * @throws ParameterException when the options are for the other kind of model
   */
  boolean isFor(Path model, boolean images, CommandLine commandLine) {
    if (!CheckpointOptions.isFor(model)) {
      if (text.isPresent()
          || context.isPresent()
          || stride.isPresent()
          || architecture.isPresent()) {
        throw new ParameterException(
            commandLine, "--text is for model directories, and %s is none".formatted(model));
      }
      return false;
    }
    if (images) {
      throw new ParameterException(
          commandLine, "--images and --inputs are for .onnx files; give --text FILE");
    }
    if (text.isEmpty()) {
      throw new ParameterException(commandLine, "a model directory needs --text FILE");
    }
    return true;
  }

  /** Measures a model directory and shows the result. */
  void evaluate(Path model, Optional<Path> against, CommonOptions common, CommandLine commandLine) {
    TextRequest request =
        new TextRequest(
            model, text.orElseThrow(), context, stride, against, architecture, common.threads());
    TextReport report;
    try (ProgressDisplay progress = common.progress(commandLine.getErr())) {
      report = TextEvaluation.run(request, progress);
    }
    PrintWriter out = commandLine.getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new TextSummary(report).lines().forEach(out::println);
    }
  }
}
