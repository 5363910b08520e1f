package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Work on each group by itself. */
final class GroupWork {
  /**
   * Groups this wide keep every thread busy on their own; narrower ones are worked on side by side.
   */
  private static final int WIDE = 1024;

  private GroupWork() {}

  /** Work on one group. */
  @FunctionalInterface
  interface Step {
    /**
     * Does it.
     *
     * @param group the group's index
     * @param workers threads that it may use
     * @param work takes the time of the stages {@code gram} and {@code cluster}
     */
    void run(int group, int workers, Stopwatch work);
  }

  /** Threads for a group that is worked on while nothing else is. */
  static int workers(ChannelGroup group, int threads) {
    return group.width() < WIDE ? 1 : threads;
  }

  /** Works on all groups; {@code watch} is told how long that took on the clock. */
  static void run(
      List<ChannelGroup> groups, int threads, Stopwatch watch, Progress progress, Step step) {
    long start = System.nanoTime();
    Stopwatch work = new Stopwatch();
    Step told =
        (g, workers, time) -> {
          step.run(g, workers, time);
          synchronized (progress) {
            progress.step();
          }
        };
    IntStream all = IntStream.range(0, groups.size());
    int[] narrow = all.filter(g -> groups.get(g).width() < WIDE).toArray();
    Arrays.stream(narrow).parallel().forEach(g -> told.run(g, 1, work));
    for (int g = 0; g < groups.size(); g++) {
      if (groups.get(g).width() >= WIDE) {
        told.run(g, threads, work);
      }
    }
    // Groups are worked on side by side: the time of the clock is shared out by the work done.
    double wall = (System.nanoTime() - start) / 1e9;
    double sum = work.seconds("gram") + work.seconds("cluster");
    for (String stage : List.of("gram", "cluster")) {
      watch.add(stage, sum > 0 ? wall * work.seconds(stage) / sum : 0);
    }
  }
}
