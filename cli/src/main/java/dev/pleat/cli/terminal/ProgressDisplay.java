package dev.pleat.cli.terminal;

import dev.pleat.core.fold.Progress;
import java.io.PrintWriter;

/** A progress that people watch. Closing it leaves the terminal clean. */
public interface ProgressDisplay extends Progress, AutoCloseable {

  /** A bar on a terminal, plain lines elsewhere, nothing when quiet. */
  static ProgressDisplay of(boolean quiet, boolean terminal, PrintWriter err) {
    if (quiet) {
      return new Silence();
    }
    return terminal ? new ProgressBars() : new ProgressLines(err);
  }

  @Override
  void close();

  /** Shows nothing. */
  final class Silence implements ProgressDisplay {
    @Override
    public void begin(String stage, int steps) {}

    @Override
    public void step() {}

    @Override
    public void close() {}
  }
}
