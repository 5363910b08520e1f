package dev.pleat.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A worker in a process of its own, which is replaced when it dies or takes too long. */
final class WatchedWorker implements AutoCloseable {
  /** A fold of these seeds takes a second; the machine may be busy. */
  private static final long SECONDS = 120;

  private final Path seeds;
  private final Path folder;
  private Optional<Process> process = Optional.empty();

  WatchedWorker(Path seeds, Path folder) throws IOException {
    this.seeds = seeds;
    this.folder = folder;
    Files.createDirectories(temporary());
  }

  private Path temporary() {
    return folder.resolve("tmp");
  }

  /** Runs a case and tells what became of it, also when the process is gone afterwards. */
  Worker.Result run(long number) throws IOException, InterruptedException {
    Process worker = running();
    PrintWriter in = new PrintWriter(worker.outputWriter(), true);
    BufferedReader out = worker.inputReader();
    in.println(number);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!out.ready() && worker.isAlive() && System.nanoTime() < end) {
      worker.waitFor(2, TimeUnit.MILLISECONDS);
    }
    String line = out.ready() ? out.readLine() : null;
    if (line != null) {
      String[] words = line.split(" ", 3);
      return new Worker.Result(Outcome.valueOf(words[1]), words[2]);
    }
    Outcome outcome = worker.isAlive() ? Outcome.OVER_TIME : Outcome.DEAD;
    worker.destroyForcibly().waitFor();
    process = Optional.empty();
    return new Worker.Result(
        outcome, "exit code %d, folder case-%d".formatted(worker.exitValue(), number));
  }

  private Process running() throws IOException {
    if (process.isEmpty() || !process.get().isAlive()) {
      ProcessBuilder builder =
          new ProcessBuilder(
              "sh",
              "-c",
              // As the launcher limits it, but for a small machine.
              "ulimit -S -d 4000000; exec \"$@\"",
              "worker",
              Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
              "-Xmx1g",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-XX:+SuppressFatalErrorMessage",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow",
              "-Djava.io.tmpdir=" + temporary(),
              "-cp",
              System.getProperty("java.class.path", ""),
              Worker.class.getName(),
              seeds.toString(),
              folder.toString());
      builder.redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
      process = Optional.of(builder.start());
    }
    return process.get();
  }

  /** What was forgotten in the folder for temporary files; the JVM's own is not counted. */
  List<String> leftInTemporaryFolder() throws IOException, InterruptedException {
    close();
    try (Stream<Path> files = Files.list(temporary())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("hsperfdata"))
          .toList();
    }
  }

  @Override
  public void close() throws InterruptedException, IOException {
    if (process.isPresent()) {
      process.get().outputWriter().close();
      if (!process.get().waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.get().destroyForcibly().waitFor();
      }
    }
    process = Optional.empty();
  }
}
