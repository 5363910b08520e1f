package dev.pleat.fuzz;

import dev.pleat.cli.PleatCommand;
import dev.pleat.core.PleatException;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Runs cases one after the other in this process, which another one watches: numbers come from
 * standard input, and for each a line {@code NUMBER OUTCOME WORDS} goes to standard output.
 */
public final class Worker {
  private final Path seeds;
  private final Path folder;

  /**
   * Works in a folder.
   *
   * @param seeds undamaged files
   */
  Worker(Path seeds, Path folder) {
    this.seeds = seeds;
    this.folder = folder;
  }

  /** Works until standard input ends: {@code SEEDS FOLDER}. */
  public static void main(String... arguments) throws IOException {
    PrintStream results = System.out;
    System.setOut(System.err);
    Worker worker = new Worker(Path.of(arguments[0]), Path.of(arguments[1]));
    BufferedReader numbers =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = numbers.readLine(); line != null; line = numbers.readLine()) {
      Result result = worker.run(Long.parseLong(line));
      results.printf("%s %s %s%n", line, result.outcome, result.words.replaceAll("\\s+", " "));
      results.flush();
    }
  }

  /**
   * What became of a case.
   *
   * @param words the command and what it said
   */
  record Result(Outcome outcome, String words) {}

  /** Runs one case. Its folder stays unless all is as promised. */
  Result run(long number) throws IOException {
    Path place = folder.resolve("case-" + number);
    delete(place);
    Case made = Case.make(number, seeds, place);
    Result result = run(made);
    if (result.outcome.isGood()) {
      delete(place);
    }
    return new Result(result.outcome, made.description() + ": " + result.words);
  }

  private Result run(Case made) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine pleat =
        PleatCommand.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    int exitCode = pleat.execute(made.command());
    String said = err.toString().strip();
    if (!made.inputsAreUnchanged()) {
      return new Result(Outcome.CHANGED, said);
    }
    if (!made.left().isEmpty()) {
      return new Result(Outcome.LEFT, made.left() + " " + said);
    }
    if (exitCode == 0) {
      return done(made, said);
    }
    if (said.contains("out of memory")) {
      return new Result(Outcome.OVER_MEMORY, said);
    }
    boolean plain = said.startsWith("pleat: ") && said.chars().noneMatch(Character::isISOControl);
    if (exitCode == 1 || !plain) {
      return new Result(Outcome.UNEXPECTED, exitCode + " " + said + " " + place(made));
    }
    boolean nothing =
        List.of("out", "out.onnx", "made.npy").stream()
            .noneMatch(name -> Files.exists(made.file(name)));
    return nothing ? new Result(Outcome.REFUSED, said) : new Result(Outcome.BAD_OUTPUT, said);
  }

  /** Where a failure comes from, by running it again. */
  private static String place(Case made) {
    String[] command = made.command();
    command[command.length - 1] = "--verbose";
    StringWriter err = new StringWriter();
    PleatCommand.commandLine()
        .setOut(new PrintWriter(Writer.nullWriter()))
        .setErr(new PrintWriter(err, true))
        .execute(command);
    return err.toString()
        .lines()
        .filter(line -> line.contains("Exception") || line.contains("at dev.pleat."))
        .limit(5)
        .collect(Collectors.joining(" "));
  }

  /** Opens what was written as if it were another input, and runs what was verified. */
  private static Result done(Case made, String said) {
    boolean verified = !List.of(made.command()).contains("--no-verify");
    Path file = made.file("out.onnx");
    Path directory = made.file("out");
    try {
      if (Files.exists(file)) {
        ModelReader.read(file);
        if (verified) {
          try (OnnxSession session = OnnxSession.open(file, 1)) {
            GeneratedInputs.firstThatRuns(session, Map.of(), 7);
          }
        }
      }
      if (Files.exists(directory)) {
        Checkpoint.open(directory).close();
      }
      return new Result(Outcome.DONE, said);
    } catch (PleatException e) {
      return new Result(Outcome.BAD_OUTPUT, String.valueOf(e.getMessage()));
    }
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
