package dev.pleat.fuzz;

import dev.pleat.fuzz.mutate.Mutation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One numbered case in a folder of its own: a scenario whose files are damaged. */
final class Case {
  private static final String INPUTS = "in";

  private final Path folder;
  private final Scenario scenario;
  private final String damaged;
  private final Map<String, String> before;

  private Case(Path folder, Scenario scenario, String damaged) throws IOException {
    this.folder = folder;
    this.scenario = scenario;
    this.damaged = damaged;
    this.before = contents();
  }

  /**
   * Makes a case.
   *
   * @param number the same number gives the same case
   * @param seeds undamaged files
   * @param folder does not exist
   */
  static Case make(long number, Path seeds, Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(number);
    Scenario scenario = Scenario.draw(random);
    for (String name : scenario.files()) {
      copy(seeds.resolve(name), folder.resolve(INPUTS).resolve(name));
    }
    StringBuilder damaged = new StringBuilder();
    for (int i = random.nextInt(4) == 0 ? 2 : 1; i > 0; i--) {
      String name = scenario.mutated().get(random.nextInt(scenario.mutated().size()));
      Path file = folder.resolve(INPUTS).resolve(name);
      byte[] bytes = Files.readAllBytes(file);
      for (int j = 0; j <= random.nextInt(3); j++) {
        bytes = Mutation.of(name).apply(bytes, random);
      }
      Files.write(file, bytes);
      damaged.append(' ').append(name);
    }
    // What a command goes on with lies where it writes.
    Path results = folder.resolve(INPUTS).resolve("results");
    if (Files.exists(results)) {
      Files.move(results, folder.resolve("results"));
    }
    if (scenario.command().contains("--resume") && scenario.files().contains("llama/")) {
      unfinished(seeds, folder.resolve(".out.pleat-unfinished"), random);
    }
    return new Case(folder, scenario, damaged.toString().strip());
  }

  /** What a fold that was killed may have left, damaged once more. */
  private static void unfinished(Path seeds, Path folder, SplittableRandom random)
      throws IOException {
    copy(seeds.resolve("unfinished"), folder);
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> all = files.sorted().toList();
      Path file = all.get(random.nextInt(all.size()));
      byte[] bytes = Files.readAllBytes(file);
      Files.write(file, Mutation.of(file.toString()).apply(bytes, random));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolveSibling(""));
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** The words of the command. */
  String[] command() {
    return scenario.command().stream()
        .map(word -> word.startsWith("@") ? folder.resolve(word.substring(1)).toString() : word)
        .toArray(String[]::new);
  }

  /** Which files were damaged, and the command, in one line. */
  String description() {
    return String.join(" ", scenario.command()) + " [" + damaged + "]";
  }

  /** The file that the command writes under a name. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** Whether all inputs are as they were before the command ran. */
  boolean inputsAreUnchanged() throws IOException {
    return contents().equals(before);
  }

  /** Hidden files beside the outputs. */
  List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().contains(".pleat-"))
          .filter(file -> !scenario.command().contains("--resume"))
          .toList();
    }
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> all = new TreeMap<>();
    Path inputs = folder.resolve(INPUTS);
    try (Stream<Path> files = Files.walk(inputs)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(
            inputs.relativize(file).toString(),
            java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return all;
  }
}
