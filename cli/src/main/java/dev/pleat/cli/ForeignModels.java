package dev.pleat.cli;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParseResult;

/** What people have and give as a model, but Pleat does not read: said before any work. */
final class ForeignModels {
  private static final Pattern HUB_ID =
      Pattern.compile("[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9][\\w.-]{0,95}");

  private static final String MAGIC = "GGUF";

  private ForeignModels() {}

  /**
   * Refuses GGUF files and names of models on a hub, as models and as what they are compared with.
   *
   * @throws PleatException that names what was given and what to do
   */
  static void refuse(ParseResult parsed) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    Stream.concat(
            command.matchedPositionals().stream().map(ArgSpec.class::cast),
            command.matchedOptions().stream())
        .filter(argument ->
            argument.paramLabel().equals("MODEL") || argument.paramLabel().equals("ORIGINAL"))
        .flatMap(argument -> argument.originalStringValues().stream())
        .forEach(ForeignModels::refuse);
  }

  private static void refuse(String model) {
    Path path = Path.of(model);
    if (isGguf(path)) {
      throw new PleatException(
          "%s: is a GGUF file, which llama.cpp makes at the end; fold the Hugging Face directory with config.json and safetensors that it was made from, then convert the result"
              .formatted(model));
    }
    boolean file = model.toLowerCase(Locale.ROOT).matches(".*\\.(onnx|gguf|safetensors|bin|pt)");
    if (HUB_ID.matcher(model).matches()
        && !file
        && !Files.exists(path)
        && !Files.exists(path.toAbsolutePath().resolveSibling(""))) {
      throw new PleatException(
          "%s: is no file or directory here; if it names a model on the Hugging Face hub, download that first (hf download %s --local-dir %s) and give the directory"
              .formatted(model, model, path.getFileName()));
    }
  }

  private static boolean isGguf(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      return new String(in.readNBytes(MAGIC.length()), StandardCharsets.ISO_8859_1).equals(MAGIC);
    } catch (IOException e) {
      // Whoever reads it as a model says what is wrong.
      return false;
    }
  }
}
