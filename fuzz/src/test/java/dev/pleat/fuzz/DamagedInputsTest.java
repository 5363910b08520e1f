package dev.pleat.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.cli.PleatCommand;
import dev.pleat.fuzz.mutate.Mutation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged inputs are refused in one line or folded into what runs, and nothing else happens. */
class DamagedInputsTest {
  @TempDir private static Path folder;
  private static Path seeds = Path.of("");

  @BeforeAll
  static void unpack() throws IOException {
    seeds = Seeds.unpack(folder.resolve("seeds"));
  }

  @Test
  void a_short_run_from_a_known_seed_finds_nothing() throws IOException {
    Worker worker = new Worker(seeds, folder.resolve("run"));
    // The profile "fuzz" tries more.
    long inputs = Long.getLong("pleat.fuzz.inputs", 90);
    for (long number = 0; number < inputs; number++) {
      Worker.Result result = worker.run(number);
      assertThat(result.outcome().isGood()).as(number + " " + result).isTrue();
    }
  }

  @Test
  void a_case_is_made_again_from_its_number() throws IOException {
    for (long number = 0; number < 20; number++) {
      Case first = Case.make(number, seeds, folder.resolve("first-" + number));
      Case second = Case.make(number, seeds, folder.resolve("second-" + number));
      assertThat(second.description()).isEqualTo(first.description());
      assertThat(Kills.contents(second.file("in"))).isEqualTo(Kills.contents(first.file("in")));
    }
  }

  @Test
  void mutations_damage_every_kind_of_file() throws IOException {
    for (String name :
        List.of(
            "half.onnx",
            "llama/config.json",
            "images.npy",
            "arrays.npz",
            "outside.bin",
            "llama/model-00001-of-00002.safetensors",
            "results/journal.jsonl")) {
      byte[] bytes = Files.readAllBytes(seeds.resolve(name));
      int other = 0;
      for (int seed = 0; seed < 40; seed++) {
        byte[] damaged = Mutation.of(name).apply(bytes, new SplittableRandom(seed));
        other += Arrays.equals(damaged, bytes) ? 0 : 1;
      }
      assertThat(other).as(name).isGreaterThan(25);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eval @min-conv.onnx",
        "eval @min-matmul.onnx",
        "fold @crash-1098.onnx -o @o.onnx --channels 0.5 --repair none",
        "fold @crash-2615.onnx -o @o.onnx --channels 0.5 --repair none",
        "fold @control.onnx -o @o.onnx --channels 0.4 --repair least-squares --samples 16",
        "fold @control.onnx -o @o.onnx --channels 0.5 --allocate global --repair none",
        "inspect @inline.onnx",
        "inspect @outside-overflow.onnx",
        "fold @bias-wider-than-channels.onnx -o @o.onnx --params 0.4 --no-verify",
        "inspect @evil.onnx --channels 0.5",
        "inspect @evilbad.onnx",
        "fold @subok.onnx -o @o.onnx --channels 0.5 --repair none",
        "fold @subok.onnx -o @o.onnx --channels 0.5 --repair none --no-verify",
        "fold @problem-913.onnx -o @o.onnx --channels 0.7 --repair none",
        "fold @hang-2095.onnx -o @o.onnx --channels 0.4 --samples 16",
      })
  void what_was_found_before_stays_mended(String command, @TempDir Path place) throws IOException {
    Path from = Path.of("src/test/resources/findings");
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, place.resolve(file.getFileName()));
      }
    }
    var before = Kills.contents(place);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        PleatCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                Stream.concat(Arrays.stream(command.split(" ")), Stream.of("--threads", "1", "-q"))
                    .map(w -> w.startsWith("@") ? place.resolve(w.substring(1)).toString() : w)
                    .toArray(String[]::new));

    assertThat(exitCode).as(err.toString()).isIn(0, 3);
    assertThat(err.toString().strip().chars().filter(Character::isISOControl).count()).isZero();
    assertThat(Kills.contents(place)).containsAllEntriesOf(before);
    try (Stream<Path> files = Files.list(place)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains(".pleat-"));
    }
  }
}
