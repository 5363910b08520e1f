package dev.pleat.cli;

import dev.pleat.ModelKind;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options that only one kind of model takes are refused for the other, never ignored. */
final class KindOptions {
  private KindOptions() {}

  /**
   * Refuses options that only ONNX files take.
   *
   * @throws ParameterException when the model is a directory and one of them was given
   */
  static void forFiles(Path model, CommandSpec spec, String... options) {
    if (ModelKind.of(model) == ModelKind.DIRECTORY) {
      refuse(spec, "%%s is for .onnx files, and %s is a directory".formatted(model), options);
    }
  }

  /**
   * Refuses options that only directories take.
   *
   * @throws ParameterException when the model is none and one of them was given
   */
  static void forDirectories(Path model, CommandSpec spec, String... options) {
    if (ModelKind.of(model) == ModelKind.FILE) {
      refuse(spec, "%%s is for model directories, and %s is none".formatted(model), options);
    }
  }

  private static void refuse(CommandSpec spec, String message, String... options) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(spec.commandLine(), message.replace("%s", option));
      }
    }
  }
}
