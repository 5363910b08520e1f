package dev.pleat.onnx.run;

import dev.pleat.core.PleatException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Inputs for a model whose data nobody has: normal noise, and integers that are valid as token
 * numbers and masks alike. Open dimensions are found by trying.
 */
public final class GeneratedInputs {
  /** Values of one input where hundreds are made. */
  private static final long MOST_OF_MANY = 1L << 24;

  /** Values of all inputs together, half a gibibyte of them. */
  private static final long MOST_VALUES = 1L << 25;

  /** Each token becomes a vector, in a small model of so many values. */
  private static final int VALUES_OF_A_TOKEN = 32;

  private GeneratedInputs() {}

  /**
   * The first inputs that the model runs on.
   *
   * @param shapes sizes that are given, by input name; {@code *} stands for the only input. Open
   *     dimensions of other inputs that bear the same name get the same size.
   * @param seed the same seed gives the same numbers
   * @throws PleatException when a given shape fits no input, or the model runs on none that were
   *     tried
   */
  public static Map<String, TensorValue> firstThatRuns(
      OnnxSession session, Map<String, long[]> shapes, long seed) {
    return firstRun(session, shapes, seed).inputs();
  }

  /** The same with the outputs of that run. */
  public static GeneratedRun firstRun(OnnxSession session, Map<String, long[]> shapes, long seed) {
    List<TensorType> types = session.inputs();
    Map<String, long[]> given = InputSizes.given(types, shapes);
    Set<String> tried = new LinkedHashSet<>();
    Optional<PleatException> failure = Optional.empty();
    for (InputSizes.Guess guess : InputSizes.guesses()) {
      Map<String, long[]> sizes = InputSizes.sizes(types, given, guess);
      if (areTooMany(types, sizes) || !tried.add(text(sizes))) {
        continue;
      }
      Map<String, TensorValue> inputs = fill(types, sizes, seed);
      try {
        return new GeneratedRun(inputs, session.run(inputs));
      } catch (PleatException e) {
        failure = failure.isPresent() ? failure : Optional.of(e);
      }
    }
    throw none(types, given, tried, failure);
  }

  /**
   * The sizes that are tried first.
   *
   * @param shapes as above
   */
  public static Map<String, long[]> likely(List<TensorType> types, Map<String, long[]> shapes) {
    return InputSizes.sizes(
        types, InputSizes.given(types, shapes), InputSizes.guesses().getFirst());
  }

  /** Why nothing ran. */
  private static PleatException none(
      List<TensorType> types,
      Map<String, long[]> given,
      Set<String> tried,
      Optional<PleatException> failure) {
    if (failure.isEmpty()) {
      return new PleatException(
          "%s: more than %d values, or %d tokens, are too many to try; give smaller sizes with --input-shape"
              .formatted(
                  text(InputSizes.sizes(types, given, InputSizes.guesses().getLast())),
                  MOST_VALUES,
                  MOST_VALUES / VALUES_OF_A_TOKEN));
    }
    PleatException first = failure.get();
    if (tried.size() == 1) {
      return first;
    }
    String declared =
        types.stream()
            .map(t -> t.name() + " " + Arrays.toString(t.shape()))
            .collect(Collectors.joining(", "));
    return new PleatException(
        "no input sizes that were tried run the model (%s); tried %s and %d more; give its sizes, such as --input-shape %s=%s: %s"
            .formatted(
                declared,
                tried.iterator().next(),
                tried.size() - 1,
                types.getFirst().name(),
                example(types.getFirst(), given),
                first.getMessage()),
        first);
  }

  /** Sizes of an input as an option would give them. */
  private static String example(TensorType type, Map<String, long[]> given) {
    InputSizes.Guess guess = InputSizes.guesses().getFirst();
    long[] sizes =
        InputSizes.sizes(List.of(type), given, guess).getOrDefault(type.name(), type.shape());
    return Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  /**
   * Checks that many inputs like one can be made and run in reasonable time and memory.
   *
   * @param model what messages call the model
   * @throws PleatException when it has more than 2^24 values, as many as a picture of 2364x2364
   */
  public static void requireUsual(Object model, Map<String, TensorValue> example) {
    double values = example.values().stream().mapToDouble(value -> values(value.shape())).sum();
    if (values > MOST_OF_MANY) {
      throw new PleatException(
          "%s: one input has %.0f values, more than the %d of which many can be made; give inputs of yours with --data"
              .formatted(model, values, MOST_OF_MANY));
    }
  }

  /** The shapes of some values. */
  public static Map<String, long[]> shapes(Map<String, TensorValue> values) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    values.forEach((name, value) -> shapes.put(name, value.shape()));
    return shapes;
  }

  /** Whether inputs of some sizes are larger than what is tried. */
  static boolean areTooMany(List<TensorType> types, Map<String, long[]> sizes) {
    double values = 0;
    for (TensorType type : types) {
      double own = values(sizes.getOrDefault(type.name(), type.shape()));
      values += type.isOfTokens() ? VALUES_OF_A_TOKEN * own : own;
    }
    return values > MOST_VALUES;
  }

  private static double values(long[] shape) {
    return Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
  }

  static String text(Map<String, long[]> sizes) {
    return sizes.entrySet().stream()
        .map(e -> "'%s' %s".formatted(e.getKey(), Arrays.toString(e.getValue())))
        .collect(Collectors.joining(", "));
  }

  static Map<String, TensorValue> fill(
      List<TensorType> types, Map<String, long[]> sizes, long seed) {
    Map<String, TensorValue> inputs = new LinkedHashMap<>();
    for (TensorType type : types) {
      inputs.put(type.name(), fill(type, sizes.getOrDefault(type.name(), type.shape()), seed));
    }
    return inputs;
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
