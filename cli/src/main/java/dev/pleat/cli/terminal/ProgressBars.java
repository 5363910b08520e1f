package dev.pleat.cli.terminal;

import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal: a bar for the current stage. */
final class ProgressBars implements ProgressDisplay {
  private static final int WIDTH = 79;

  private Optional<ProgressBar> bar = Optional.empty();

  @Override
  public void begin(String stage, int steps) {
    close();
    bar =
        Optional.of(
            new ProgressBarBuilder()
                .setTaskName(stage)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(100)
                // The consumer that the library picks by itself starts processes to ask for a size.
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .clearDisplayOnFinish()
                .build());
  }

  @Override
  public void step() {
    bar.ifPresent(ProgressBar::step);
  }

  @Override
  public void step(String figures) {
    bar.ifPresent(b -> b.setExtraMessage(PlainText.of(figures)).step());
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
    bar = Optional.empty();
  }
}
