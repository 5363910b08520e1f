package dev.pleat.core.fold;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Adds up the wall-clock seconds of named stages. */
public final class Stopwatch {
  private final Map<String, Double> seconds = new ConcurrentHashMap<>();

  /** Runs the work and adds its time to the stage. */
  public <T> T time(String stage, Supplier<T> work) {
    long start = System.nanoTime();
    try {
      return work.get();
    } finally {
      add(stage, (System.nanoTime() - start) / 1e9);
    }
  }

  /** Runs the work and adds its time to the stage. */
  public void time(String stage, Runnable work) {
    long start = System.nanoTime();
    work.run();
    add(stage, (System.nanoTime() - start) / 1e9);
  }

  /** Adds seconds to a stage. */
  public void add(String stage, double more) {
    seconds.merge(stage, more, Double::sum);
  }

  /** Adds the seconds of all stages of another. */
  public void add(Stopwatch other) {
    other.seconds.forEach(this::add);
  }

  /** Seconds of a stage, 0 when it never ran. */
  public double seconds(String stage) {
    return seconds.getOrDefault(stage, 0.0);
  }
}
