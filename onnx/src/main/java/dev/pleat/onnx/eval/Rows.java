package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * An output seen as rows: of one image each for a classifier, else along its last axis.
 *
 * @param name the output
 * @param shape its dimensions
 * @param values its values, row-major
 * @param width values of a row
 */
@SuppressWarnings("ArrayRecordComponent") // A view, never compared.
public record Rows(String name, long[] shape, float[] values, int width) {

  /**
   * The output that is judged: the named one, else the first that looks like a classifier's, else
   * the first of floating point.
   *
   * @throws PleatException when there is none
   */
  public static Rows of(Map<String, TensorValue> outputs, Optional<String> named) {
    if (named.isPresent()) {
      TensorValue value = outputs.get(named.get());
      if (!(value instanceof TensorValue.Floats floats)) {
        throw new PleatException(
            "the model has no floating-point output '%s'; it has %s"
                .formatted(named.get(), outputs.keySet()));
      }
      return of(named.get(), floats);
    }
    Optional<Rows> first = Optional.empty();
    for (Map.Entry<String, TensorValue> output : outputs.entrySet()) {
      if (output.getValue() instanceof TensorValue.Floats floats) {
        Rows rows = of(output.getKey(), floats);
        if (rows.classifies()) {
          return rows;
        }
        first = first.isPresent() ? first : Optional.of(rows);
      }
    }
    return first.orElseThrow(() ->
        new PleatException(
            "the model has no floating-point output to judge; it has " + outputs.keySet()));
  }

  private static Rows of(String name, TensorValue.Floats floats) {
    long[] shape = floats.shape();
    long last = shape.length == 0 ? 1 : shape[shape.length - 1];
    if (classifies(shape)) {
      last = floats.values().length / shape[0];
    }
    if (floats.values().length == 0) {
      throw new PleatException(
          "the output '%s' %s is empty, so there is nothing to judge"
              .formatted(name, Arrays.toString(shape)));
    }
    return new Rows(name, shape, floats.values(), Math.toIntExact(last));
  }

  /** Rank 2, or rank 4 with one pixel. */
  private static boolean classifies(long[] shape) {
    boolean pixel =
        shape.length == 4 && ((shape[2] == 1 && shape[3] == 1) || (shape[1] == 1 && shape[2] == 1));
    return (shape.length == 2 || pixel) && shape[0] > 0;
  }

  /** Whether there is one row of classes for each image. */
  public boolean classifies() {
    return classifies(shape);
  }

  /** How many rows. */
  public int count() {
    return values.length / width;
  }

  float at(int row, int column) {
    return values[row * width + column];
  }

  /** Where the largest value of a row is; the lowest place of equal ones. */
  public int argmax(int row) {
    int best = 0;
    for (int c = 1; c < width; c++) {
      if (at(row, c) > at(row, best)) {
        best = c;
      }
    }
    return best;
  }

  /**
   * How many values of a row come before this one when sorted: larger, or equal and further left.
   */
  int rank(int row, int column) {
    float value = at(row, column);
    int before = 0;
    for (int c = 0; c < width; c++) {
      if (at(row, c) > value || (at(row, c) == value && c < column)) {
        before++;
      }
    }
    return before;
  }

  /** The rows of the first {@code real} images of a batch. */
  public Rows first(int real, int batch) {
    if (shape.length == 0 || shape[0] != batch) {
      throw new PleatException(
          "the output '%s' %s does not begin with the batch of %d; name another with --output-name"
              .formatted(name, Arrays.toString(shape), batch));
    }
    if (real == batch) {
      return this;
    }
    long[] cut = shape.clone();
    cut[0] = real;
    return new Rows(name, cut, Arrays.copyOf(values, values.length / batch * real), width);
  }

  /**
   * These rows.
   *
   * @throws PleatException when there is a NaN or +∞ in them
   */
  Rows finite(String who, String inputs) {
    if (firstBroken() >= 0) {
      throw new PleatException(
          "%s gives NaN or infinity in the output '%s' on %s; check them and its weights"
              .formatted(who, name, inputs));
    }
    return this;
  }

  /**
   * The batch entry that holds the first NaN or +∞; −1 when none does. −∞ is what masked logits
   * are.
   */
  int firstBroken() {
    for (int i = 0; i < values.length; i++) {
      if (Float.isNaN(values[i]) || values[i] == Float.POSITIVE_INFINITY) {
        return shape.length == 0 ? 0 : (int) (i / (values.length / shape[0]));
      }
    }
    return -1;
  }
}
