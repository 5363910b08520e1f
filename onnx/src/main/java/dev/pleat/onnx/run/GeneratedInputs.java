package dev.pleat.onnx.run;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Inputs for a model whose data nobody has: normal noise, and integers that are valid as token
 * numbers and masks alike. Open dimensions are found by trying.
 */
public final class GeneratedInputs {
  private static final int[] SPATIAL = {224, 64, 32, 128, 48, 256, 320, 640, 512, 28, 16};
  private static final int[] SEQUENCE = {16, 8, 77, 128, 1};
  private static final int[] BATCH = {1, 2};

  private GeneratedInputs() {}

  /**
   * The first inputs that the model runs on.
   *
   * @param shapes sizes that are given, by input name; {@code *} stands for the only input
   * @param seed the same seed gives the same numbers
   * @throws PleatException when it runs on none that were tried
   */
  public static Map<String, TensorValue> firstThatRuns(
      OnnxSession session, Map<String, long[]> shapes, long seed) {
    List<String> failures = new ArrayList<>();
    for (Guess guess : guesses()) {
      Map<String, TensorValue> inputs = make(session.inputs(), shapes, guess, seed);
      try {
        session.run(inputs);
        return inputs;
      } catch (PleatException e) {
        failures.add(e.getMessage());
      }
      boolean open =
          session.inputs().stream().anyMatch(t -> Arrays.stream(t.shape()).anyMatch(d -> d < 0));
      if (!open) {
        throw new PleatException(failures.getFirst());
      }
    }
    throw new PleatException(
        "no input sizes that were tried run the model (%s); give its sizes, such as --input-shape %s=1x3x224x224: %s"
            .formatted(
                session.inputs().stream()
                    .map(t -> t.name() + " " + Arrays.toString(t.shape()))
                    .collect(Collectors.joining(", ")),
                session.inputs().getFirst().name(),
                failures.getFirst()));
  }

  /**
   * Sizes for open dimensions.
   *
   * @param byAxis whether a dimension's name counts for its axis only: exporters give different
   *     axes the same name
   */
  private record Guess(int batch, int spatial, int sequence, boolean byAxis) {}

  private static List<Guess> guesses() {
    List<Guess> guesses = new ArrayList<>();
    for (int batch : BATCH) {
      for (int i = 0; i < SPATIAL.length; i++) {
        int sequence = SEQUENCE[Math.min(i, SEQUENCE.length - 1)];
        guesses.add(new Guess(batch, SPATIAL[i], sequence, true));
        guesses.add(new Guess(batch, SPATIAL[i], sequence, false));
      }
    }
    return guesses;
  }

  /** The shapes of some values. */
  public static Map<String, long[]> shapes(Map<String, TensorValue> values) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    values.forEach((name, value) -> shapes.put(name, value.shape()));
    return shapes;
  }

  private static Map<String, TensorValue> make(
      List<TensorType> types, Map<String, long[]> given, Guess guess, long seed) {
    Map<String, Long> named = new HashMap<>();
    Map<String, TensorValue> inputs = new LinkedHashMap<>();
    for (TensorType type : types) {
      long[] shape = type.shape().clone();
      long[] fixed = given.getOrDefault(type.name(), types.size() == 1 ? given.get("*") : null);
      if (fixed != null) {
        check(type, fixed);
      }
      for (int d = 0; d < shape.length; d++) {
        if (fixed != null) {
          shape[d] = fixed[d];
        } else if (shape[d] < 0) {
          long size = d == 0 ? guess.batch : shape.length >= 4 ? guess.spatial : guess.sequence;
          String symbol = type.symbols().get(d) + (guess.byAxis ? " " + d : "");
          shape[d] = symbol.isBlank() ? size : named.computeIfAbsent(symbol, s -> size);
        }
      }
      inputs.put(type.name(), fill(type, shape, seed));
    }
    return inputs;
  }

  private static void check(TensorType type, long[] fixed) {
    boolean fits = fixed.length == type.shape().length;
    for (int d = 0; fits && d < fixed.length; d++) {
      fits = type.shape()[d] < 0 || type.shape()[d] == fixed[d];
    }
    if (!fits) {
      throw new PleatException(
          "--input-shape gives %s for the input '%s', which is %s (-1 is open)"
              .formatted(Arrays.toString(fixed), type.name(), Arrays.toString(type.shape())));
    }
  }

  private static TensorValue fill(TensorType type, long[] shape, long seed) {
    int count = TensorValue.elements(shape);
    SplittableRandom random = new SplittableRandom(seed ^ type.name().hashCode());
    switch (type.kind()) {
      case FLOAT -> {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) random.nextGaussian();
        }
        return new TensorValue.Floats(shape, values);
      }
      case INTEGER, BOOLEAN -> {
        boolean mask =
            type.kind() == TensorType.Kind.BOOLEAN
                || type.name().toLowerCase(Locale.ROOT).contains("mask");
        long[] values = new long[count];
        Arrays.setAll(values, i -> mask ? 1 : random.nextInt(2));
        return new TensorValue.Integers(shape, values);
      }
      case OTHER -> {}
    }
    throw new PleatException(
        "the input '%s' is neither floating point nor integer, so the model cannot be run; give --no-verify"
            .formatted(type.name()));
  }
}
