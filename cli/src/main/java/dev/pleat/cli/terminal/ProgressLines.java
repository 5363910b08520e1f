package dev.pleat.cli.terminal;

import java.io.PrintWriter;

/**
 * Progress where nothing can be redrawn: one line a stage, ten of long stages with figures, and one
 * every few seconds with what is left.
 */
final class ProgressLines implements ProgressDisplay {
  private static final int LINES = 10;
  private static final long QUIET_NANOS = 5_000_000_000L;

  private final PrintWriter err;
  private String stage = "";
  private int steps;
  private int done;
  private long began;
  private long spoke;

  /** Writes to the given standard error. */
  ProgressLines(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void begin(String name, int count) {
    stage = name;
    steps = count;
    done = 0;
    began = System.nanoTime();
    spoke = began;
    err.println(count > 1 ? "pleat: %s (%d steps)".formatted(name, count) : "pleat: " + name);
    err.flush();
  }

  @Override
  public void step() {
    done++;
    long now = System.nanoTime();
    if (now - spoke >= QUIET_NANOS && done < steps) {
      spoke = now;
      err.println(
          "pleat: %s %d of %d, about %d s left"
              .formatted(
                  stage, done, steps, (now - began) / 1_000_000_000L * (steps - done) / done));
      err.flush();
    }
  }

  @Override
  public void step(String figures) {
    done++;
    if ((long) done * LINES / steps > (done - 1L) * LINES / steps) {
      spoke = System.nanoTime();
      err.println("pleat: %s %d of %d: %s".formatted(stage, done, steps, figures));
      err.flush();
    }
  }

  @Override
  public void close() {}
}
