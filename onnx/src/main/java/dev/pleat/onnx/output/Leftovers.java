package dev.pleat.onnx.output;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What killed processes left: hidden folders, each with a lock beside it that nobody holds. */
public final class Leftovers {
  /** How the hidden folders end. */
  static final String STAGE = ".pleat-making";

  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private Leftovers() {}

  /**
   * Removes them from a folder. Those of other users, and what only has such a name, stay: they are
   * in nobody's way.
   *
   * @throws IOException when the folder cannot be read
   */
  static void removeIn(Path parent) throws IOException {
    List<Path> locks;
    try (Stream<Path> files = Files.list(parent)) {
      locks = files.filter(Leftovers::isLock).toList();
    }
    for (Path lock : locks) {
      try {
        removeUnlessHeld(lock);
      } catch (IOException e) {
        LOG.debug("{} stays", lock, e);
      }
    }
  }

  private static boolean isLock(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".")
        && name.endsWith(OutputLock.SUFFIX)
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static void removeUnlessHeld(Path file) throws IOException {
    // Locks of this process would be lost by opening them again.
    if (OutputLock.holder(file) == ProcessHandle.current().pid()) {
      return;
    }
    Optional<OutputLock> free = OutputLock.attempt(file);
    if (free.isPresent()) {
      try (OutputLock held = free.get()) {
        String name = file.getFileName().toString();
        String output = name.substring(0, name.length() - OutputLock.SUFFIX.length());
        remove(file.resolveSibling(output + STAGE));
      }
    }
  }

  /**
   * Removes a folder with all that is in it, and of a link only the link; nothing if it is gone.
   *
   * @throws IOException when something in it cannot be removed
   */
  public static void remove(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
