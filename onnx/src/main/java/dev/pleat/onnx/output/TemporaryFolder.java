package dev.pleat.onnx.output;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;

/**
 * A new folder of this user's among the system's temporary files, which goes with all its files
 * when it is closed. That of a killed process goes when the next one is made.
 */
public final class TemporaryFolder implements AutoCloseable {
  private final Path path;
  private final OutputLock lock;

  private TemporaryFolder(Path path, OutputLock lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes one.
   *
   * @throws PleatException when the system's folder for temporary files cannot be written
   */
  public static TemporaryFolder create() {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "")).toAbsolutePath();
    try {
      Leftovers.removeIn(parent);
      Path name = parent.resolve("pleat-" + UUID.randomUUID());
      OutputLock lock = OutputLock.take(name);
      try {
        Path folder = OutputLock.hidden(name, Leftovers.STAGE);
        return new TemporaryFolder(Files.createDirectory(folder, ownersOnly(parent)), lock);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new PleatException(
          "no temporary folder can be made (%s); name another with PLEAT_OPTS=-Djava.io.tmpdir=FOLDER"
              .formatted(e),
          e);
    }
  }

  private static FileAttribute<?>[] ownersOnly(Path parent) throws IOException {
    return Files.getFileStore(parent).supportsFileAttributeView("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try (lock) {
      Leftovers.remove(path);
    } catch (IOException e) {
      throw new PleatException(
          "the temporary folder %s cannot be removed: %s; remove it by hand"
              .formatted(path, e.getMessage()),
          e);
    }
  }
}
