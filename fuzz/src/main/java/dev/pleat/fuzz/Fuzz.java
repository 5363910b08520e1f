package dev.pleat.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Tries damaged inputs for some minutes in processes of their own and prints what became of them.
 *
 * <p>{@code FOLDER MINUTES SEED WORKERS}; a case is run again with {@code FOLDER case NUMBER}.
 */
public final class Fuzz {
  private final Path seeds;
  private final Path folder;
  private final AtomicLong next;
  private final Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
  private final List<String> findings = new ArrayList<>();

  private Fuzz(Path seeds, Path folder, long first) {
    this.seeds = seeds;
    this.folder = folder;
    this.next = new AtomicLong(first);
  }

  /** Runs; leaves with 1 when anything was not as promised. */
  public static void main(String... arguments) throws Exception {
    Path folder = Files.createDirectories(Path.of(arguments[0])).toAbsolutePath();
    Path seeds = Seeds.unpack(folder.resolve("seeds"));
    if (arguments[1].equals("case")) {
      Worker.Result result = new Worker(seeds, folder).run(Long.parseLong(arguments[2]));
      System.out.println(result.outcome() + " " + result.words());
      System.exit(result.outcome().isGood() ? 0 : 1);
    }
    long end = System.nanoTime() + (long) (Double.parseDouble(arguments[1]) * 60e9);
    Fuzz fuzz = new Fuzz(seeds, folder, Long.parseLong(arguments[2]));
    List<Thread> threads = new ArrayList<>();
    for (int w = 0; w < Integer.parseInt(arguments[3]); w++) {
      int name = w;
      threads.add(Thread.ofPlatform().start(() -> fuzz.work(name, end)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    fuzz.print();
    System.exit(fuzz.findings.isEmpty() ? 0 : 1);
  }

  private void work(int name, long end) {
    try (WatchedWorker worker = new WatchedWorker(seeds, folder.resolve("worker-" + name))) {
      while (System.nanoTime() < end) {
        long number = next.getAndIncrement();
        note(number, worker.run(number));
      }
      List<String> left = worker.leftInTemporaryFolder();
      if (!left.isEmpty()) {
        note(-1, new Worker.Result(Outcome.LEFT, "in the temporary folder: " + left));
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the harness itself failed", e);
    }
  }

  private synchronized void note(long number, Worker.Result result) {
    counts.merge(result.outcome(), 1L, Long::sum);
    if (!result.outcome().isGood()) {
      String line = "%d %s %s".formatted(number, result.outcome(), result.words());
      findings.add(line);
      System.out.println(line);
    }
  }

  private void print() {
    System.out.printf("%n%-30s %8s%n", "outcome", "inputs");
    for (Outcome outcome : Outcome.values()) {
      System.out.printf("%-30s %8d%n", outcome.words(), counts.getOrDefault(outcome, 0L));
    }
    System.out.printf(
        "%-30s %8d%n", "all", counts.values().stream().mapToLong(Long::longValue).sum());
  }
}
