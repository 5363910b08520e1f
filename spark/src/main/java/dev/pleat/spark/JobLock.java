package dev.pleat.spark;

import dev.pleat.core.PleatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * Holds an output for one job, on any file system: a file that its holder writes again every few
 * seconds. One that was not written for some time belongs to a driver that is gone. Times are the
 * file system's own, so that clocks need not agree.
 */
final class JobLock implements AutoCloseable {
  private static final String NAME = "driver";
  private static final Duration BEAT = Duration.ofSeconds(1);

  /** Beats may be late, by a slow disk or a long pause of the holder. */
  private static final Duration GONE = BEAT.multipliedBy(20);

  private final Path output;
  private final Path file;
  private final String holder = UUID.randomUUID().toString();
  private final AtomicBoolean lost = new AtomicBoolean();
  private final ScheduledExecutorService beats =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private JobLock(Path output, Path file) {
    this.output = output;
    this.file = file;
  }

  /**
   * Takes an output, once it is sure that nobody else has it.
   *
   * @param state holds the lock
   * @throws PleatException when another job has it
   */
  static JobLock take(Path output, Path state) throws IOException {
    JobLock lock = new JobLock(output, state.resolve(NAME));
    while (!lock.create()) {
      lock.awaitGone(state);
    }
    lock.beats.scheduleAtFixedRate(
        lock::beat, BEAT.toMillis(), BEAT.toMillis(), TimeUnit.MILLISECONDS);
    return lock;
  }

  private boolean create() throws IOException {
    try {
      Files.write(file, sign(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return true;
    } catch (FileAlreadyExistsException held) {
      return false;
    }
  }

  private byte[] sign() {
    return holder.getBytes(StandardCharsets.UTF_8);
  }

  private void awaitGone(Path state) throws IOException {
    try {
      String found = Files.readString(file);
      long written = Files.getLastModifiedTime(file).toMillis();
      while (now(state) - written < GONE.toMillis()) {
        LockSupport.parkNanos(BEAT.toNanos() / 2);
        if (Files.getLastModifiedTime(file).toMillis() != written
            || !Files.readString(file).equals(found)) {
          throw new PleatException(
              "the output %s is being written by another job; wait for it or give another output"
                  .formatted(output));
        }
      }
      Files.deleteIfExists(file);
    } catch (NoSuchFileException letGo) {
      // Whoever had it is done: the next attempt gets it or says who was faster.
      return;
    }
  }

  /** What time it is for the file system. */
  private long now(Path state) throws IOException {
    Path probe = state.resolve("." + holder);
    Files.write(probe, new byte[0]);
    long time = Files.getLastModifiedTime(probe).toMillis();
    Files.delete(probe);
    return time;
  }

  private void beat() {
    try {
      if (!Files.readString(file).equals(holder)) {
        lost.set(true);
        return;
      }
      Files.write(file, sign());
    } catch (IOException | RuntimeException late) {
      // The next beat may come through; if none does, somebody else takes over and is noticed.
      lost.set(!Files.exists(file));
    }
  }

  /**
   * Refuses to go on when somebody else has taken over.
   *
   * @throws PleatException that says so
   */
  void requireHeld() {
    if (lost.get()) {
      throw new PleatException(
          "the output %s was taken over by another job, or removed; see what it came to, then start again"
              .formatted(output));
    }
  }

  @Override
  public void close() {
    if (beats.isShutdown()) {
      return;
    }
    beats.shutdown();
    try {
      if (beats.awaitTermination(GONE.toSeconds(), TimeUnit.SECONDS) && !lost.get()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new PleatException(
          "the lock %s cannot be removed (%s); remove it by hand".formatted(file, e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
