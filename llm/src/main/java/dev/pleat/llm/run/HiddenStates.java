package dev.pleat.llm.run;

import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Vectors of positions, or of neurons at positions.
 *
 * @param rows number of positions: those of the first sequence, then of the next
 * @param width of a vector
 * @param values [rows, width], row-major; shared, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record HiddenStates(int rows, int width, float[] values) {

  static HiddenStates of(Map<String, TensorValue> outputs, String name) {
    return of(Optional.ofNullable(outputs.get(name)), name);
  }

  static HiddenStates of(Optional<TensorValue> output, String name) {
    if (output.orElse(null) instanceof TensorValue.Floats(long[] shape, float[] values)) {
      return new HiddenStates((int) shape[0], (int) shape[1], values);
    }
    throw new IllegalStateException("the graph gives no matrix '" + name + "'");
  }

  TensorValue value() {
    return new TensorValue.Floats(new long[] {rows, width}, values);
  }

  /**
   * The vectors of several, one after the other.
   *
   * @param parts of one width, at least one
   */
  public static HiddenStates joined(List<HiddenStates> parts) {
    int rows = parts.stream().mapToInt(HiddenStates::rows).sum();
    int width = parts.getFirst().width;
    float[] all = new float[Math.multiplyExact(rows, width)];
    int at = 0;
    for (HiddenStates part : parts) {
      System.arraycopy(part.values, 0, all, at, part.values.length);
      at += part.values.length;
    }
    return new HiddenStates(rows, width, all);
  }

  /** Some of the vectors: those from one on. */
  public HiddenStates rows(int from, int count) {
    return new HiddenStates(
        count, width, Arrays.copyOfRange(values, from * width, (from + count) * width));
  }

  /**
   * Some of the vectors.
   *
   * @param chosen their places
   */
  public HiddenStates rows(int[] chosen) {
    float[] rows = new float[Math.multiplyExact(chosen.length, width)];
    for (int r = 0; r < chosen.length; r++) {
      System.arraycopy(values, chosen[r] * width, rows, r * width, width);
    }
    return new HiddenStates(chosen.length, width, rows);
  }

  /**
   * Some of the values of each vector.
   *
   * @param chosen their places
   */
  public HiddenStates columns(int[] chosen) {
    float[] columns = new float[Math.multiplyExact(rows, chosen.length)];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < chosen.length; c++) {
        columns[r * chosen.length + c] = values[r * width + chosen[c]];
      }
    }
    return new HiddenStates(rows, chosen.length, columns);
  }

  /**
   * The sum of these vectors and others at the same positions.
   *
   * @param factor of the others
   */
  public HiddenStates plus(HiddenStates others, float factor) {
    float[] sum = new float[values.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = values[i] + factor * others.values[i];
    }
    return new HiddenStates(rows, width, sum);
  }

  /** All of the vectors times a factor. */
  public HiddenStates times(float factor) {
    float[] times = new float[values.length];
    for (int i = 0; i < times.length; i++) {
      times[i] = factor * values[i];
    }
    return new HiddenStates(rows, width, times);
  }

  /**
   * Each vector times a factor.
   *
   * @param factors as many as rows
   */
  public HiddenStates scaled(float[] factors) {
    float[] scaled = new float[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = factors[i / width] * values[i];
    }
    return new HiddenStates(rows, width, scaled);
  }

  /** The root mean square of each vector. */
  public float[] lengths() {
    float[] lengths = new float[rows];
    for (int r = 0; r < rows; r++) {
      double sum = 0;
      for (int i = r * width; i < (r + 1) * width; i++) {
        sum += (double) values[i] * values[i];
      }
      lengths[r] = (float) Math.sqrt(sum / width);
    }
    return lengths;
  }

  /** The last row of each of several sequences of one length. */
  HiddenStates lastOf(int sequences) {
    int length = rows / sequences;
    float[] last = new float[sequences * width];
    for (int i = 0; i < sequences; i++) {
      System.arraycopy(values, ((i + 1) * length - 1) * width, last, i * width, width);
    }
    return new HiddenStates(sequences, width, last);
  }
}
