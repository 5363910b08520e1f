package dev.pleat.onnx.data;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Inputs that a tensor file holds, one array for each input of a model. */
public final class TensorCalibration implements CalibrationInputs {
  private final TensorFile file;
  private final Map<String, String> arrayOfInput;
  private final int count;

  private TensorCalibration(TensorFile file, Map<String, String> arrayOfInput, int count) {
    this.file = file;
    this.arrayOfInput = arrayOfInput;
    this.count = count;
  }

  /**
   * The inputs of a model.
   *
   * @param inputs what the model takes
   * @param most how many are used at most, at least 1
   * @throws PleatException when an input has no array, or one of another shape or kind
   */
  public static TensorCalibration of(TensorFile file, List<TensorType> inputs, int most) {
    Map<String, String> arrays = new LinkedHashMap<>();
    List<Long> counts = new ArrayList<>();
    for (TensorType input : inputs) {
      boolean only = inputs.size() == 1 && file.names().size() == 1;
      String array = only ? file.names().getFirst() : input.name();
      if (!file.names().contains(array)) {
        throw new PleatException(
            "%s: has the arrays %s, but the model's input '%s' needs one of its name; write an .npz with numpy.savez"
                .formatted(file.file(), file.namesInShort(), input.name()));
      }
      check(file, array, input);
      arrays.put(input.name(), array);
      counts.add(file.shape(array)[0]);
    }
    if (counts.stream().distinct().count() != 1) {
      throw new PleatException(
          "%s: its arrays have %s entries; give equally many for every input"
              .formatted(file.file(), counts));
    }
    return new TensorCalibration(file, arrays, (int) Math.min(most, counts.getFirst()));
  }

  private static void check(TensorFile file, String array, TensorType input) {
    long[] shape = file.shape(array);
    boolean fits = shape.length == input.shape().length;
    for (int d = 1; fits && d < shape.length; d++) {
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
    long held = file.shape(file.names().getFirst())[0];
    return count < held
        ? "the first %d of %d entries of %s".formatted(count, held, file.file())
        : "%d entries of %s".formatted(count, file.file());
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    arrayOfInput.forEach((input, array) -> values.put(input, file.slice(array, from, to)));
    return values;
  }
}
