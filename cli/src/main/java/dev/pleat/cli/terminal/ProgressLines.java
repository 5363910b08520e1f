package dev.pleat.cli.terminal;

import java.io.PrintWriter;

/** Progress where nothing can be redrawn: one line a stage, and ten of long stages with figures. */
final class ProgressLines implements ProgressDisplay {
  private static final int LINES = 10;

  private final PrintWriter err;
  private String stage = "";
  private int steps;
  private int done;

  /** Writes to the given standard error. */
  ProgressLines(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void begin(String name, int count) {
    stage = name;
    steps = count;
    done = 0;
    err.println(count > 1 ? "pleat: %s (%d steps)".formatted(name, count) : "pleat: " + name);
    err.flush();
  }

  @Override
  public void step() {
    done++;
  }

  @Override
  public void step(String figures) {
    step();
    if ((long) done * LINES / steps > (done - 1L) * LINES / steps) {
      err.println("pleat: %s %d of %d: %s".formatted(stage, done, steps, figures));
      err.flush();
    }
  }

  @Override
  public void close() {}
}
