package dev.pleat.core.fold;

import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;

/** Runs work whose parallel streams use a number of threads that is asked for. */
final class Threads {
  private Threads() {}

  static <T> T run(int threads, Supplier<T> work) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(work::get).join();
    }
  }
}
