package dev.pleat.onnx.size;

import dev.pleat.onnx.run.GeneratedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The sizes of a model's values in some runs, each at other sizes of the axes that the model leaves
 * open. A size that is the same in all runs is fixed, as far as anybody can see.
 *
 * @param inputs shapes of inputs that the file leaves open, by name: given, or those of the first
 *     run
 * @param runs what was seen, at least one run unless the model was not run
 * @param obstacle why the model was not run, empty when it was
 */
public record Sizes(Map<String, long[]> inputs, List<Run> runs, String obstacle) {

  /**
   * One run.
   *
   * @param shapes the shape of every value that is a tensor, by name
   * @param integers the elements of short values that depend on constants and shapes only, by name
   */
  public record Run(Map<String, long[]> shapes, Map<String, long[]> integers) {}

  /** Copies the list. */
  public Sizes {
    runs = List.copyOf(runs);
  }

  /** What is known without a run. */
  public static Sizes declared(Map<String, long[]> inputs) {
    return new Sizes(inputs, List.of(), "");
  }

  /** Nothing was seen, for a reason. */
  static Sizes unseen(Map<String, long[]> inputs, String obstacle) {
    return new Sizes(inputs, List.of(), obstacle);
  }

  static Sizes seen(List<GeneratedRun> generated, List<Run> runs) {
    return new Sizes(generated.getFirst().shapes(), runs, "");
  }

  /**
   * A value's shape in each run, {@code [run][axis]}.
   *
   * @return empty when it was not seen or its rank differs between runs
   */
  public Optional<List<long[]>> shape(String name) {
    return ofAll(runs.stream().map(Run::shapes).toList(), name);
  }

  /**
   * A value's elements in each run, {@code [run][element]}.
   *
   * @return empty when they were not seen or their number differs between runs
   */
  public Optional<List<long[]>> integers(String name) {
    return ofAll(runs.stream().map(Run::integers).toList(), name);
  }

  private static Optional<List<long[]>> ofAll(List<Map<String, long[]>> seen, String name) {
    List<long[]> found = new ArrayList<>();
    for (Map<String, long[]> run : seen) {
      long[] one = run.get(name);
      if (one == null || !found.isEmpty() && found.getFirst().length != one.length) {
        return Optional.empty();
      }
      found.add(one);
    }
    return found.isEmpty() ? Optional.empty() : Optional.of(found);
  }
}
