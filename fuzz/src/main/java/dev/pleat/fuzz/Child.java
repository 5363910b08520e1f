package dev.pleat.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own.
 *
 * @param process the JVM
 * @param err what it says on standard error, whole when it has ended
 */
record Child(Process process, Path err) {

  /**
   * Starts one.
   *
   * @param main its class, and what it is given
   * @param prefix words before the command, such as a shell that sets limits
   */
  static Child start(Path folder, List<String> prefix, String... main) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path", "")));
    command.addAll(List.of(main));
    Path err = Files.createTempFile(folder, "child", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    return new Child(builder.start(), err);
  }

  /** Starts the command line. */
  static Child pleat(Path folder, List<String> prefix, String command) throws IOException {
    List<String> main = new ArrayList<>(List.of("dev.pleat.cli.PleatCommand"));
    for (String word : command.split(" ")) {
      main.add(word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word);
    }
    return start(folder, prefix, main.toArray(String[]::new));
  }

  /** Waits for its end and returns its exit code. */
  int end() throws InterruptedException {
    process.waitFor();
    return process.exitValue();
  }

  /** Kills it, as nothing can prevent, unless it ends by itself before. */
  boolean killAfter(long milliseconds) throws InterruptedException {
    if (process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
      return false;
    }
    // By its handle: what it has written can still be read then.
    process.toHandle().destroyForcibly();
    process.waitFor();
    return true;
  }

  /** What it said. */
  String said() throws IOException {
    return Files.readString(err).strip();
  }
}
