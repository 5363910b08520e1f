package dev.pleat.cli;

import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.cli.terminal.ProgressDisplay;
import dev.pleat.core.report.TaskReport;
import dev.pleat.core.report.TextReport;
import dev.pleat.json.Json;
import dev.pleat.llm.request.TaskRequest;
import dev.pleat.llm.request.TextRequest;
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
      names = "--task",
      order = 30,
      paramLabel = "FILE",
      description =
          "Directories: questions with choices, one JSON object a line, as BoolQ, WinoGrande, ARC, "
              + "HellaSwag, PIQA and OpenBookQA publish them, or {context, choices, answer}.")
  private Optional<Path> task = Optional.empty();

  @Option(
      names = "--few-shot",
      order = 30,
      paramLabel = "FILE",
      description = "With --task: questions whose first ones stand, answered, before each.")
  private Optional<Path> examples = Optional.empty();

  @Option(
      names = "--shots",
      order = 30,
      paramLabel = "N",
      converter = Converters.Positive.class,
      description = "With --few-shot: how many of them. Default: 5.")
  private Optional<Integer> shots = Optional.empty();

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
    if (ModelKind.of(model) == ModelKind.FILE) {
      if (text.isPresent()
          || task.isPresent()
          || examples.isPresent()
          || shots.isPresent()
          || context.isPresent()
          || stride.isPresent()
          || architecture.isPresent()) {
        throw new ParameterException(
            commandLine,
            "--text and --task are for model directories, and %s is none".formatted(model));
      }
      return false;
    }
    if (images) {
      throw new ParameterException(
          commandLine, "--images and --inputs are for .onnx files; give --text FILE");
    }
    if (text.isPresent() == task.isPresent()) {
      throw new ParameterException(
          commandLine, "a model directory needs either --text FILE or --task FILE");
    }
    if (task.isEmpty() && (examples.isPresent() || shots.isPresent())) {
      throw new ParameterException(commandLine, "--few-shot and --shots need --task FILE");
    }
    if (examples.isEmpty() && shots.isPresent()) {
      throw new ParameterException(commandLine, "--shots needs the examples: --few-shot FILE");
    }
    if (task.isPresent() && (context.isPresent() || stride.isPresent())) {
      throw new ParameterException(commandLine, "--context and --stride are for --text FILE");
    }
    return true;
  }

  /** Measures a model directory and shows the result. */
  void evaluate(Path model, Optional<Path> against, CommonOptions common, CommandLine commandLine) {
    if (task.isPresent()) {
      answer(model, task.get(), against, common, commandLine);
      return;
    }
    TextRequest request =
        new TextRequest(
            model, text.orElseThrow(), context, stride, against, architecture, common.threads());
    TextReport report;
    try (ProgressDisplay progress = common.progress(commandLine.getErr())) {
      report = Pleat.evaluate(request, progress);
    }
    PrintWriter out = commandLine.getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new TextSummary(report).lines().forEach(out::println);
    }
  }

  private void answer(
      Path model,
      Path questions,
      Optional<Path> against,
      CommonOptions common,
      CommandLine commandLine) {
    TaskRequest request =
        new TaskRequest(
            model,
            questions,
            examples,
            shots.orElse(TaskRequest.USUAL_SHOTS),
            against,
            architecture,
            common.threads());
    TaskReport report;
    try (ProgressDisplay progress = common.progress(commandLine.getErr())) {
      report = Pleat.evaluate(request, progress);
    }
    PrintWriter out = commandLine.getOut();
    if (common.json()) {
      out.println(Json.of(report));
    } else if (!common.quiet()) {
      new TaskSummary(report).lines().forEach(out::println);
    }
  }
}
