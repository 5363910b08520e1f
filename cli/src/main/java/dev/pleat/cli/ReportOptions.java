package dev.pleat.cli;

import dev.pleat.core.PleatException;
import dev.pleat.core.PleatVersion;
import dev.pleat.onnx.output.OutputCheck;
import dev.pleat.onnx.output.StagedOutput;
import dev.pleat.report.Origin;
import dev.pleat.report.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Whether the result is also wanted as a page. */
@Command
final class ReportOptions {
  @Option(
      names = "--report",
      paramLabel = "FILE",
      order = 40,
      description = "Also write the result as a page: one HTML file that opens offline.")
  private Optional<Path> file = Optional.empty();

  /** Whether a page is wanted. */
  boolean wanted() {
    return file.isPresent();
  }

  /**
   * Refuses a page that would replace something, before any work is done.
   *
   * @param others all that the command reads and its other outputs
   * @throws PleatException when the page exists and is not to be replaced, is part of what is read,
   *     is another output, is no ordinary file or has no folder
   */
  void check(OutputCheck others, boolean force) {
    if (file.isEmpty()) {
      return;
    }
    others.writes("the report", file.get());
    StagedOutput.requireReplaceable(file.get(), false, force);
  }

  /**
   * Writes the page, whole or not at all. What the command has done stays done when that fails.
   *
   * @param model that the page is about, never written over
   * @return the exit code: 0, or 1 with a line on standard error
   */
  int write(Supplier<Page> page, Path model, boolean force, CommandSpec spec) {
    Path target = file.orElseThrow();
    try (StagedOutput stage = StagedOutput.ofFile(List.of(model), target, force)) {
      Files.writeString(stage.model(), page.get().html());
      stage.commit();
      return ExitCode.OK;
    } catch (PleatException | IOException e) {
      spec.commandLine()
          .getErr()
          .println(
              "pleat: --report %s cannot be written, all else is done: %s"
                  .formatted(
                      target,
                      e instanceof PleatException known
                          ? Failures.message(known)
                          : e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }

  /**
   * Where a page of this command comes from.
   *
   * @param sha256 of the model
   */
  static Origin origin(String sha256, CommandSpec spec) {
    String command =
        spec.root().commandLine().getParseResult().originalArgs().stream()
            .map(ShellText::quoted)
            .collect(Collectors.joining(" ", "pleat ", ""));
    return new Origin(
        sha256,
        command,
        PleatVersion.current(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }
}
