package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Inputs that a tensor file holds, one array for each input of a model. */
public final class TensorCalibration implements CalibrationInputs {
  private final TensorFile file;
  private final Map<String, String> arrayOfInput;
  private final Map<String, TensorValue> scalars;
  private final int held;
  private final int count;

  private TensorCalibration(
      TensorFile file,
      Map<String, String> arrayOfInput,
      Map<String, TensorValue> scalars,
      int held,
      int count) {
    this.file = file;
    this.arrayOfInput = arrayOfInput;
    this.scalars = scalars;
    this.held = held;
    this.count = count;
  }

  /**
   * The inputs of a model, spread evenly over a file that has more.
   *
   * @param inputs what the model takes; one without axes takes an array of one number, or of equal
   *     ones
   * @param most how many are used at most, at least 1
   * @throws PleatException when an input has no array, or one of another shape or kind
   */
  public static TensorCalibration of(TensorFile file, List<TensorType> inputs, int most) {
    Map<String, String> arrays = new LinkedHashMap<>();
    Map<String, TensorValue> scalars = new LinkedHashMap<>();
    List<Long> counts = new ArrayList<>();
    for (TensorType input : inputs) {
      boolean only = inputs.size() == 1 && file.names().size() == 1;
      String array = only ? file.names().getFirst() : input.name();
      if (!file.names().contains(array)) {
        throw new PleatException(
            "%s: has the arrays %s, but the model's input '%s' needs one of its name; write an .npz with numpy.savez"
                .formatted(file.file(), file.namesInShort(), input.name()));
      }
      if (input.shape().length == 0 && file.shape(array).length == 1) {
        scalars.put(input.name(), scalar(file, array, input));
        continue;
      }
      check(file, array, input);
      arrays.put(input.name(), array);
      counts.add(file.shape(array)[0]);
    }
    if (counts.isEmpty()) {
      throw new PleatException(
          "%s: none of the model's inputs has a batch, so there are no samples to repair on; leave out --data"
              .formatted(file.file()));
    }
    if (counts.stream().distinct().count() != 1) {
      throw new PleatException(
          "%s: its arrays have %s entries; give equally many for every input"
              .formatted(file.file(), counts));
    }
    int held = Math.toIntExact(counts.getFirst());
    return new TensorCalibration(file, arrays, scalars, held, Math.min(most, held));
  }

  /** What an input without axes takes, whatever the batch. */
  private static TensorValue scalar(TensorFile file, String array, TensorType input) {
    long[] shape = file.shape(array);
    TensorValue all = file.slice(array, 0, shape[0]);
    boolean same =
        switch (all) {
          case TensorValue.Floats(long[] s, float[] values) ->
              input.isFloat()
                  && IntStream.range(1, values.length).allMatch(i -> values[i] == values[0]);
          case TensorValue.Integers(long[] s, long[] values) ->
              !input.isFloat() && Arrays.stream(values).allMatch(value -> value == values[0]);
        };
    if (!same) {
      throw new PleatException(
          "%s: the model's input '%s' takes a single %s, but the array %s holds several or others; save one, or equal ones"
              .formatted(
                  file.file(),
                  input.name(),
                  input.isFloat() ? "floating-point number" : "integer",
                  Arrays.toString(shape)));
    }
    return switch (all) {
      case TensorValue.Floats(long[] s, float[] values) ->
          new TensorValue.Floats(new long[0], new float[] {values[0]});
      case TensorValue.Integers(long[] s, long[] values) ->
          new TensorValue.Integers(new long[0], new long[] {values[0]});
    };
  }

  private static void check(TensorFile file, String array, TensorType input) {
    long[] shape = file.shape(array);
    // No axes may also mean that their number is not known.
    boolean open = input.shape().length == 0;
    boolean fits = open || shape.length == input.shape().length;
    for (int d = 1; fits && d < input.shape().length; d++) {
      fits = input.shape()[d] < 0 || input.shape()[d] == shape[d];
    }
    if (!fits) {
      throw new PleatException(
          "%s: holds %s, but the model's input '%s' takes %s (-1 is open)"
              .formatted(
                  file.file(),
                  Arrays.toString(shape),
                  input.name(),
                  Arrays.toString(input.shape())));
    }
    boolean floats = file.slice(array, 0, 1) instanceof TensorValue.Floats;
    if (floats != input.isFloat()) {
      throw new PleatException(
          "%s: holds %s, but the model's input '%s' takes %s; save it as such"
              .formatted(file.file(), kind(floats), input.name(), kind(input.isFloat())));
    }
  }

  private static String kind(boolean floats) {
    return floats ? "floating-point numbers" : "integers";
  }

  @Override
  public String description() {
    return count < held
        ? "%d of %d entries of %s".formatted(count, held, file.file())
        : "%d entries of %s".formatted(count, file.file());
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    Map<String, TensorValue> values = new LinkedHashMap<>(scalars);
    arrayOfInput.forEach((input, array) -> values.put(input, slice(array, from, to)));
    return values;
  }

  /** Neighbours in the file are read at once. */
  private TensorValue slice(String array, int from, int to) {
    List<TensorValue> pieces = new ArrayList<>();
    for (int i = from, next; i < to; i = next) {
      next = i + 1;
      while (next < to && entry(next) == entry(next - 1) + 1) {
        next++;
      }
      pieces.add(file.slice(array, entry(i), entry(next - 1) + 1));
    }
    return TensorValue.joined(pieces);
  }

  private long entry(int index) {
    return (long) index * held / count;
  }
}
