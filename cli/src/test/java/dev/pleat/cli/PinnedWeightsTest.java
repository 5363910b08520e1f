package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What methods, repairs, allocations, targets and seeds make of small bundled models, as it was
 * when it was pinned in {@code pinned-weights.txt}: a change that only moves code leaves all of it
 * as it is, and one that does more shows here what it changes.
 *
 * <p>Where weights alone decide, merging runs in Java's arithmetic, and bits are pinned. A fold
 * that runs the network depends on the kernels that ONNX Runtime has for a processor, so
 * projections are pinned, to within what kernels may differ.
 */
class PinnedWeightsTest {
  private static final List<Path> ROOTS =
      List.of(
          Path.of("../onnx/src/test/resources"),
          Path.of("../llm/src/test/resources"),
          Path.of("../fuzz/src/main/resources/dev/pleat/fuzz/seeds"));

  /** Noise of a millionth on every weight of a model moved a projection by 0.005 at most. */
  private static final double KERNELS = 0.02;

  @TempDir private Path folder;

  /**
   * One line of the file.
   *
   * @param outcome a hash, or projections
   * @param threads to run with, which must not matter
   */
  record Pinned(String outcome, String command, int threads) {
    @Override
    public String toString() {
      return command;
    }
  }

  static List<Pinned> pinned() throws IOException {
    List<Pinned> pinned = new ArrayList<>();
    try (Stream<String> lines = Files.lines(Path.of("src/test/resources/pinned-weights.txt"))) {
      for (String line : lines.filter(text -> !text.startsWith("#")).toList()) {
        String[] parts = line.split(Pattern.quote(" | "), 2);
        pinned.add(new Pinned(parts[0], parts[1], 1 + pinned.size() % 3));
      }
    }
    return pinned;
  }

  @ParameterizedTest
  @MethodSource("pinned")
  void a_fold_gives_the_weights_that_it_gave(Pinned pinned) throws IOException {
    List<String> arguments = new ArrayList<>();
    for (String argument : pinned.command.split(" ", -1)) {
      arguments.add(resolved(argument));
    }
    boolean file = arguments.get(1).endsWith(".onnx");
    Path output = folder.resolve(file ? "out.onnx" : "out");
    arguments.addAll(List.of("-o", output.toString(), "-q", "--no-verify"));
    arguments.addAll(List.of("--threads", Integer.toString(pinned.threads)));

    Run run = Run.of(arguments.toArray(String[]::new));

    assertThat(run.exitCode()).as(run.err()).isZero();
    Weights weights = Weights.of(output);
    if (!pinned.outcome.startsWith("~")) {
      assertThat(weights.sha256()).isEqualTo(pinned.outcome);
      return;
    }
    double[] found = weights.projections();
    String text =
        Arrays.stream(found)
            .mapToObj(value -> String.format(Locale.ROOT, "%.4f", value))
            .collect(Collectors.joining(" ", "~ ", ""));
    double[] expected =
        Arrays.stream(pinned.outcome.substring(2).split(" ", -1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    assertThat(found).as(text).containsExactly(expected, within(KERNELS));
  }

  /** The path of a bundled file, or the argument itself. */
  private static String resolved(String argument) {
    return ROOTS.stream()
        .map(root -> root.resolve(argument))
        .filter(Files::exists)
        .findFirst()
        .map(Path::toString)
        .orElse(argument);
  }
}
