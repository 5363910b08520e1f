package dev.pleat.llm;

import dev.pleat.core.fold.Progress;
import dev.pleat.llm.eval.TextEvaluation;
import dev.pleat.llm.request.TextRequest;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The bundled Llama that writes stories: 260,000 parameters, 512 tokens. */
final class Stories {
  private Stories() {}

  /** Its directory; not to be written to. */
  static Path directory() {
    try {
      return Path.of(Objects.requireNonNull(Stories.class.getResource("/stories260k")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Five stories. */
  static Path text() {
    return directory().resolve("tinystories-sample.txt");
  }

  /** The perplexity of a model on them. */
  static double perplexity(Path model) {
    return TextEvaluation.run(
            new TextRequest(
                model,
                text(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                2),
            Progress.SILENT)
        .perplexity();
  }

  /** A copy that may be changed. */
  static Path copy(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(directory())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    return folder;
  }
}
