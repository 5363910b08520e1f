package dev.pleat.core.fold;

/** Hears what a long job is doing. Calls come from one thread at a time. */
public interface Progress {

  /** A progress that nobody watches. */
  Progress SILENT =
      new Progress() {
        @Override
        public void begin(String stage, int steps) {}

        @Override
        public void step() {}
      };

  /** A stage starts that takes this many steps, at least 1. The previous stage is over. */
  void begin(String stage, int steps);

  /** One step of the current stage is done. */
  void step();

  /**
   * One step of the current stage is done.
   *
   * @param figures what it came to, in a few words
   */
  default void step(String figures) {
    step();
  }
}
