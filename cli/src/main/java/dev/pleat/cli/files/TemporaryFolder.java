package dev.pleat.cli.files;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A new folder that goes with all its files when it is closed. */
public record TemporaryFolder(Path path) implements AutoCloseable {

  /**
   * Makes one.
   *
   * @throws PleatException when the system's folder for temporary files cannot be written
   */
  public static TemporaryFolder create() {
    try {
      return new TemporaryFolder(Files.createTempDirectory("pleat"));
    } catch (IOException e) {
      throw new PleatException(
          "no temporary folder can be made (%s); name another with PLEAT_OPTS=-Djava.io.tmpdir=FOLDER"
              .formatted(e),
          e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
