package dev.pleat.cli.terminal;

import java.io.PrintWriter;

/** Progress where nothing can be redrawn: one line a stage. */
final class ProgressLines implements ProgressDisplay {
  private final PrintWriter err;

  /** Writes to the given standard error. */
  ProgressLines(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void begin(String stage, int steps) {
    err.println(steps > 1 ? "pleat: %s (%d steps)".formatted(stage, steps) : "pleat: " + stage);
    err.flush();
  }

  @Override
  public void step() {}

  @Override
  public void close() {}
}
