package dev.pleat.onnx.trace;

import dev.pleat.onnx.size.Sizes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Sizes as they were seen in runs. A size that is the same in all runs is a number; one that varies
 * is a symbol, negative, and equal symbols were equal in every run.
 */
final class SeenSizes {
  private final Sizes known;
  private final Map<List<Long>, Long> symbolOf = new HashMap<>();
  private final Map<Long, long[]> sizesOf = new HashMap<>();
  private long symbols;

  SeenSizes(Sizes known) {
    this.known = known;
  }

  /** A size of which nothing is known. */
  long symbol() {
    return --symbols;
  }

  /** Traced elements with the numbers that were seen: what was seen is what is. */
  List<ShapeElement> merged(String name, List<ShapeElement> traced) {
    List<ShapeElement> numbers =
        integers(name).filter(found -> found.size() == traced.size()).orElse(traced);
    return IntStream.range(0, traced.size())
        .mapToObj(e ->
            new ShapeElement(
                numbers.get(e).known(), numbers.get(e).value(), traced.get(e).origin()))
        .toList();
  }

  /** The integers that a value was seen to hold, from nowhere in particular. */
  Optional<List<ShapeElement>> integers(String name) {
    return known
        .integers(name)
        .map(runs ->
            IntStream.range(0, runs.getFirst().length)
                .mapToObj(e ->
                    new ShapeElement(
                        fixed(runs, e), together(runs, e), new ShapeElement.Computed(List.of())))
                .toList());
  }

  private static boolean fixed(List<long[]> runs, int index) {
    return runs.stream().allMatch(run -> run[index] == runs.getFirst()[index]);
  }

  /** What was seen at one index: the number where it is the same in all runs, else its symbol. */
  private long together(List<long[]> runs, int index) {
    if (fixed(runs, index)) {
      return runs.getFirst()[index];
    }
    long[] values = runs.stream().mapToLong(run -> run[index]).toArray();
    long symbol = symbolOf.computeIfAbsent(Arrays.stream(values).boxed().toList(), key -> symbol());
    sizesOf.put(symbol, values);
    return symbol;
  }

  /** The shape that a value was seen to have, symbols standing for sizes that vary. */
  Optional<long[]> shape(String name) {
    return known
        .shape(name)
        .map(runs ->
            IntStream.range(0, runs.getFirst().length)
                .mapToLong(axis -> together(runs, axis))
                .toArray());
  }

  /** In how many runs sizes are known, at least 1. */
  int runs() {
    return Math.max(1, known.runs().size());
  }

  /** The size of each axis in every run, empty where it is not known. */
  long[][] sizes(long[] dims) {
    long[][] sizes = new long[dims.length][];
    for (int i = 0; i < dims.length; i++) {
      long[] same = new long[runs()];
      Arrays.fill(same, dims[i]);
      sizes[i] = dims[i] >= 0 ? same : sizesOf.getOrDefault(dims[i], new long[0]);
    }
    return sizes;
  }
}
