package dev.pleat.cli;

import dev.pleat.DirectoryFold;
import dev.pleat.ModelKind;
import dev.pleat.Pleat;
import dev.pleat.core.PleatException;
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

  /** The fold of a model of this family. */
  DirectoryFold applyTo(DirectoryFold fold) {
    return architecture.map(fold::architecture).orElse(fold);
  }

  /**
   * The SHA-256 of a file or directory, as provenance names it.
   *
   * @throws PleatException when it cannot be read
   */
  String hash(Path model) {
    return Pleat.hash(model, architecture);
  }

  /**
   * Refuses these options for a file.
   *
   * @throws ParameterException when one was given
   */
  void requireDirectory(Path model, CommandLine commandLine) {
    if (ModelKind.of(model) == ModelKind.FILE && architecture.isPresent()) {
      throw new ParameterException(
          commandLine, "--architecture is for model directories, and %s is none".formatted(model));
    }
  }
}
