package dev.pleat.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A master and two workers, each a process of its own. */
final class StandaloneCluster implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("spark://[^ ]+:[0-9]+");
  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  private final Path home;
  private final List<Process> processes = new ArrayList<>();
  private final String address;

  private StandaloneCluster(Path home) throws IOException {
    this.home = Files.createDirectories(home.resolve("jars")).resolveSibling("");
    start("master", "org.apache.spark.deploy.master.Master", "--port", "0", "--webui-port", "0");
    try {
      this.address = await(() -> said("master", "Starting Spark master at"));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  static StandaloneCluster start(Path home) throws IOException {
    StandaloneCluster cluster = new StandaloneCluster(home);
    try {
      for (String worker : List.of("worker-1", "worker-2")) {
        cluster.start(
            worker,
            "org.apache.spark.deploy.worker.Worker",
            "--cores",
            "1",
            "--memory",
            "1g",
            "--webui-port",
            "0",
            "--work-dir",
            home.resolve(worker).toString(),
            cluster.address);
        await(() -> cluster.said(worker, "Successfully registered with master"));
      }
      return cluster;
    } catch (IOException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** Where it answers. */
  String address() {
    return address;
  }

  private void start(String name, String main, String... arguments) throws IOException {
    List<String> options = new ArrayList<>(List.of("--host", "localhost"));
    options.addAll(List.of(arguments));
    processes.add(java(main, options, home.resolve(name + ".log"), home));
  }

  /** Starts a program with the class path of the tests. */
  static Process java(String main, List<String> arguments, Path log, Path sparkHome)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                // What Spark says of itself is read from its log, which Pleat's own would leave
                // out.
                "-Dslf4j.provider=org.apache.logging.slf4j.SLF4JServiceProvider"));
    ProcessHandle.current()
        .info()
        .arguments()
        .ifPresent(own ->
            List.of(own).stream()
                .filter(option -> option.startsWith("--add-opens=") || option.contains("access="))
                .forEach(command::add));
    command.addAll(List.of("-cp", CLASS_PATH, main));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(Map.of("SPARK_HOME", sparkHome.toString(), "SPARK_SCALA_VERSION", "2.13"));
    return builder.start();
  }

  private Optional<String> said(String name, String what) {
    try {
      for (String line : Files.readAllLines(home.resolve(name + ".log"))) {
        if (line.contains(what)) {
          Matcher address = ADDRESS.matcher(line);
          return Optional.of(address.find() ? address.group() : line);
        }
      }
      return Optional.empty();
    } catch (IOException notYet) {
      return Optional.empty();
    }
  }

  /** Waits for something to happen, for five minutes at most. */
  static <T> T await(Supplier<Optional<T>> happening) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (System.nanoTime() < end) {
      Optional<T> happened = happening.get();
      if (happened.isPresent()) {
        return happened.get();
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    throw new IllegalStateException("nothing happened within five minutes");
  }

  /** The processes that do the work. */
  List<ProcessHandle> executors() {
    return processes.stream().flatMap(Process::descendants).filter(ProcessHandle::isAlive).toList();
  }

  @Override
  public void close() {
    for (ProcessHandle executor : executors()) {
      executor.destroyForcibly();
    }
    for (Process process : processes) {
      process.destroyForcibly();
    }
  }
}
