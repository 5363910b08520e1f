package dev.pleat.llm.run;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the token that a model's texts begin with. */
public final class StartToken {
  private static final List<String> FILES = List.of("generation_config.json", "config.json");

  private StartToken() {}

  /**
   * The beginning token that the configuration names, or else the end token, which separates
   * documents in training.
   *
   * @throws PleatException when it names neither
   */
  public static int of(Path directory) {
    for (String field : List.of("bos_token_id", "eos_token_id")) {
      for (String name : FILES) {
        Path file = directory.resolve(name);
        Optional<Integer> token =
            Files.isRegularFile(file) ? token(JsonFiles.read(file), field) : Optional.empty();
        if (token.isPresent()) {
          return token.get();
        }
      }
    }
    throw new PleatException(
        "%s: neither of %s has a bos_token_id, so the model cannot begin a text; give one with --data"
            .formatted(directory, FILES));
  }

  private static Optional<Integer> token(JsonObject config, String field) {
    if (!config.has(field)) {
      return Optional.empty();
    }
    List<Double> tokens =
        config.isList(field) ? config.numbers(field) : List.of(config.number(field));
    return tokens.stream().findFirst().map(Double::intValue);
  }
}
