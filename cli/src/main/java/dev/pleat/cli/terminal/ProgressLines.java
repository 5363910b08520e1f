package dev.pleat.cli.terminal;

import java.io.PrintWriter;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Progress where nothing can be redrawn: one line a stage, ten of long stages with figures, one
 * every few seconds with what is left, and one after at most ten seconds of anything.
 */
final class ProgressLines implements ProgressDisplay {
  private static final int LINES = 10;
  private static final long QUIET_NANOS = 5_000_000_000L;

  /** Together with the time between two looks less than ten seconds. */
  private static final long SILENT_NANOS = 8_500_000_000L;

  private final PrintWriter err;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("progress").factory());
  private String stage = "";
  private int steps;
  private int done;
  private long began;
  private long spoke;

  /** Writes to the given standard error. */
  ProgressLines(PrintWriter err) {
    this.err = err;
    clock.scheduleWithFixedDelay(this::breakSilence, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public synchronized void begin(String name, int count) {
    stage = name;
    steps = count;
    done = 0;
    began = System.nanoTime();
    say(count > 1 ? "%s (%d steps)".formatted(name, count) : name);
  }

  @Override
  public synchronized void step() {
    done++;
    if (isQuiet() && done < steps) {
      say("%s %d of %d, about %d s left".formatted(stage, done, steps, secondsLeft()));
    }
  }

  @Override
  public synchronized void step(String figures) {
    done++;
    boolean tenth = (long) done * LINES / steps > (done - 1L) * LINES / steps;
    if (tenth || isQuiet()) {
      say("%s %d of %d: %s".formatted(stage, done, steps, figures));
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  /** One step may take minutes. */
  private synchronized void breakSilence() {
    long now = System.nanoTime();
    if (!stage.isEmpty() && done < steps && now - spoke >= SILENT_NANOS) {
      String place = steps > 1 ? " %d of %d".formatted(done, steps) : "";
      say("%s%s, for %d s".formatted(stage, place, (now - began) / 1_000_000_000L));
    }
  }

  private boolean isQuiet() {
    return System.nanoTime() - spoke >= QUIET_NANOS;
  }

  private long secondsLeft() {
    return (System.nanoTime() - began) / 1_000_000_000L * (steps - done) / done;
  }

  private void say(String line) {
    spoke = System.nanoTime();
    err.println("pleat: " + line);
    err.flush();
  }
}
