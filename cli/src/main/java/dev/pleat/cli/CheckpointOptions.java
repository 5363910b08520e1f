package dev.pleat.cli;

import dev.pleat.core.PleatException;
import dev.pleat.llm.CheckpointFolding;
import dev.pleat.onnx.OnnxFolding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options that only model directories take. */
@Command
final class CheckpointOptions {
  @Option(
      names = "--architecture",
      paramLabel = "FILE",
      order = 18,
      description = "Directories: describes the model's family, where Pleat does not know it.")
  private Optional<Path> architecture = Optional.empty();

  /** The description of the family. */
  Optional<Path> architecture() {
    return architecture;
  }

  /**
   * The SHA-256 of a file or directory, as provenance names it.
   *
   * @throws PleatException when it cannot be read
   */
  String hash(Path model) {
    return isFor(model) ? CheckpointFolding.hash(model, architecture) : OnnxFolding.hash(model);
  }

  /** Whether a model is a directory rather than a file. */
  static boolean isFor(Path model) {
    return Files.isDirectory(model);
  }

  /**
   * Refuses these options for a file.
   *
   * @throws ParameterException when one was given
   */
  void requireDirectory(Path model, CommandLine commandLine) {
    if (!isFor(model) && architecture.isPresent()) {
      throw new ParameterException(
          commandLine, "--architecture is for model directories, and %s is none".formatted(model));
    }
  }
}
