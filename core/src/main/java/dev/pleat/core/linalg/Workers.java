package dev.pleat.core.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of threads, the caller's among them, that share numbered tasks. Which thread runs
 * a task is left to chance, so a task must not depend on another one of the same run.
 */
public final class Workers implements AutoCloseable {
  private final int threads;
  private final ExecutorService helpers;

  /** With 1 thread, or fewer, the caller does all the work and no thread is ever started. */
  public Workers(int threads) {
    this.threads = Math.max(1, threads);
    this.helpers =
        Executors.newFixedThreadPool(
            Math.max(1, this.threads - 1),
            Thread.ofPlatform().daemon().name("pleat-worker-", 0).factory());
  }

  /**
   * Runs the tasks 0 … count−1, started in this order, and returns when all have ended. When a task
   * throws, tasks that have not started are left out and the exception is thrown here.
   */
  public void run(int count, IntConsumer task) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Runnable loop =
        () -> {
          try {
            for (int i = next.getAndIncrement();
                i < count && failure.get() == null;
                i = next.getAndIncrement()) {
              task.accept(i);
            }
          } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
          }
        };
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 1; i < Math.min(threads, count); i++) {
      others.add(CompletableFuture.runAsync(loop, helpers));
    }
    loop.run();
    others.forEach(CompletableFuture::join);
    switch (failure.get()) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    helpers.shutdown();
  }
}
