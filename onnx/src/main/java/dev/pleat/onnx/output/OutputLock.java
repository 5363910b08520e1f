package dev.pleat.onnx.output;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds an output for one process. The system lets go when that process ends, however it ends, so
 * nothing that is left behind keeps anybody out.
 *
 * <p>The lock is on a hidden file beside the output, as long as the number of the process that
 * holds it: on most systems a process that opens and closes a file loses its locks on it, so nobody
 * may have to read it.
 */
public final class OutputLock implements AutoCloseable {
  static final String SUFFIX = ".pleat-lock";

  /** Where nothing is written, since a locked part of a file cannot be read everywhere. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  /** Who looks whether a lock is free holds it for a moment, which is no reason to refuse. */
  private static final int ATTEMPTS = 10;

  private final Path file;
  private final FileChannel channel;

  private OutputLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes an output.
   *
   * @param output a file or directory in a folder that exists
   * @throws PleatException when another process, or another fold of this one, writes it
   * @throws IOException when the folder cannot be written
   */
  public static OutputLock take(Path output) throws IOException {
    Path file = hidden(output, SUFFIX);
    for (int i = 0; i < ATTEMPTS; i++) {
      Optional<OutputLock> lock = attempt(file);
      if (lock.isPresent()) {
        return lock.get();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    throw new PleatException(
        "the output %s is being written by another pleat (process %d); wait for it or give another output"
            .formatted(output, holder(file)));
  }

  /**
   * Takes an output unless somebody else has it.
   *
   * @param output as above
   * @throws IOException when the folder cannot be written
   */
  public static Optional<OutputLock> tryTake(Path output) throws IOException {
    return attempt(hidden(output, SUFFIX));
  }

  /** A hidden name beside an output; a long name is shortened, as names end at 255 bytes. */
  public static Path hidden(Path output, String suffix) {
    String name = String.valueOf(output.toAbsolutePath().normalize().getFileName());
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    String known =
        bytes.length <= 200
            ? name
            : name.substring(0, Math.min(name.length(), 40)) + Integer.toHexString(name.hashCode());
    return output.toAbsolutePath().normalize().resolveSibling("." + known + suffix);
  }

  /**
   * Takes the lock of a file, nothing if somebody has it. In a folder that others write to as well
   * the name may be a link to something of ours, or a pipe that nobody reads: those are refused.
   */
  static Optional<OutputLock> attempt(Path file) throws IOException {
    while (true) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isOrdinary(file)) {
        throw new FileSystemException(
            file.toString(), null, "is in the way and no ordinary file; remove it");
      }
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
      try {
        if (!locks(channel)) {
          channel.close();
          return Optional.empty();
        }
        if (signs(file, channel)) {
          return Optional.of(new OutputLock(file, channel));
        }
        channel.close();
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
  }

  private static boolean isOrdinary(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static boolean locks(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(PLACE, 1, false) != null;
    } catch (OverlappingFileLockException heldByThisProcess) {
      return false;
    }
  }

  /**
   * Signs a locked file, and tells whether its name still leads to it: the last holder may have
   * removed it between our opening and our locking it.
   */
  private static boolean signs(Path file, FileChannel channel) throws IOException {
    long pid = ProcessHandle.current().pid();
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(new byte[1]), pid - 1);
    } catch (IOException diskIsFull) {
      Files.deleteIfExists(file);
      throw diskIsFull;
    }
    return holder(file) == pid;
  }

  /** The process that holds, or last held, a lock; 0 if none. */
  static long holder(Path file) throws IOException {
    try {
      return Files.size(file);
    } catch (NoSuchFileException gone) {
      return 0;
    }
  }

  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new PleatException(
          "the lock %s cannot be removed (%s); remove it by hand".formatted(file, e), e);
    }
  }
}
