package dev.pleat.onnx.run;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sizes of a model's inputs: given ones, and guesses at what is left open. */
final class InputSizes {
  private static final int[] SPATIAL = {224, 64, 32, 128, 48, 256, 320, 640, 512, 28, 16};
  private static final int[] SEQUENCE = {16, 8, 77, 128, 1, 512, 16_000};

  /**
   * Longer sequences are sound: attention over 16,000 tokens, or as many rows of features, takes
   * gigabytes.
   */
  private static final int LONGEST_TEXT = 512;

  private static final int[] CHANNELS = {3, 1};
  private static final int[] BATCH = {1, 2};

  /** An axis of at most this many is taken for channels: grey to colours with transparency. */
  private static final long MOST_CHANNELS = 4;

  private InputSizes() {}

  /**
   * Sizes for open dimensions.
   *
   * @param byAxis whether a dimension's name counts for its axis only: exporters give different
   *     axes the same name
   */
  record Guess(int batch, int channels, int spatial, int sequence, boolean byAxis) {

    long size(long[] shape, int axis) {
      if (axis == 0) {
        return batch;
      }
      if (shape.length < 4) {
        return axis == shape.length - 1 ? sequence : Math.min(sequence, LONGEST_TEXT);
      }
      long last = shape[shape.length - 1];
      boolean channelsLast = last >= 0 && last <= MOST_CHANNELS;
      return axis == 1 && !channelsLast ? channels : spatial;
    }

    /** The same guess with no more than {@link #LONGEST_TEXT} in a sequence. */
    Guess ofText() {
      return new Guess(batch, channels, spatial, Math.min(sequence, LONGEST_TEXT), byAxis);
    }

    String key(String symbol, int axis) {
      return byAxis ? symbol + " " + axis : symbol;
    }
  }

  static List<Guess> guesses() {
    List<Guess> guesses = new ArrayList<>();
    for (int batch : BATCH) {
      for (int channels : CHANNELS) {
        for (int i = 0; i < SPATIAL.length; i++) {
          int sequence = SEQUENCE[Math.min(i, SEQUENCE.length - 1)];
          guesses.add(new Guess(batch, channels, SPATIAL[i], sequence, true));
          guesses.add(new Guess(batch, channels, SPATIAL[i], sequence, false));
        }
      }
    }
    return guesses;
  }

  /** The given shapes by the names of the inputs they are for. */
  static Map<String, long[]> given(List<TensorType> types, Map<String, long[]> shapes) {
    Map<String, TensorType> byName = new LinkedHashMap<>();
    types.forEach(type -> byName.put(type.name(), type));
    Map<String, long[]> given = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> {
      boolean only = name.equals("*") && types.size() == 1;
      TensorType type = only ? types.getFirst() : byName.get(name);
      if (type == null) {
        throw new PleatException(
            "--input-shape gives %s for %s, but the model's inputs are %s; name one of them"
                .formatted(
                    Arrays.toString(shape),
                    name.equals("*") ? "the only input" : "'" + name + "'",
                    byName.keySet()));
      }
      check(type, shape);
      if (!only || !shapes.containsKey(type.name())) {
        given.put(type.name(), shape);
      }
    });
    return given;
  }

  static Map<String, long[]> sizes(
      List<TensorType> types, Map<String, long[]> given, Guess guessed) {
    boolean reads = types.stream().anyMatch(type -> !type.isFloat() && type.shape().length > 1);
    Guess guess = reads ? guessed.ofText() : guessed;
    Map<String, Long> named = new HashMap<>();
    for (TensorType type : types) {
      long[] fixed = given.getOrDefault(type.name(), new long[0]);
      for (int d = 0; d < fixed.length; d++) {
        if (type.shape()[d] < 0 && !type.symbols().get(d).isBlank()) {
          named.putIfAbsent(guess.key(type.symbols().get(d), d), fixed[d]);
        }
      }
    }
    Map<String, long[]> sizes = new LinkedHashMap<>();
    for (TensorType type : types) {
      long[] shape = given.getOrDefault(type.name(), type.shape()).clone();
      for (int d = 0; d < shape.length; d++) {
        if (shape[d] < 0) {
          long size = guess.size(type.shape(), d);
          String symbol = type.symbols().get(d);
          shape[d] =
              symbol.isBlank() ? size : named.computeIfAbsent(guess.key(symbol, d), s -> size);
        }
      }
      sizes.put(type.name(), shape);
    }
    return sizes;
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
}
