package dev.pleat.onnx.choose;

import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What a network says of each input, in numbers that compare: for every class, pixel row, place or
 * whatever else an output has, the largest value there. Rows of scores become probabilities.
 */
final class Peaks {
  /** Of more numbers, evenly many are left out. */
  private static final int MOST = 2048;

  private Peaks() {}

  /**
   * One row of numbers for each input of a batch.
   *
   * @param outputs of one run
   * @param count inputs in the batch
   * @return rows; an empty one for an input that gives something that is no number
   */
  static List<float[]> of(Map<String, TensorValue> outputs, int count) {
    List<TensorValue.Floats> floats = new ArrayList<>();
    for (TensorValue value : outputs.values()) {
      if (value instanceof TensorValue.Floats f
          && f.shape().length > 0
          && f.shape()[0] > 0
          && f.shape()[0] % count == 0) {
        floats.add(f);
      }
    }
    List<float[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] row = new float[0];
      for (TensorValue.Floats output : floats) {
        float[] more = profile(output, i, count);
        int length = row.length;
        row = Arrays.copyOf(row, length + more.length);
        System.arraycopy(more, 0, row, length, more.length);
      }
      rows.add(isFinite(row) ? thinned(row) : new float[0]);
    }
    return rows;
  }

  /** The largest value at each position of each axis. */
  private static float[] profile(TensorValue.Floats output, int input, int count) {
    int length = output.values().length / count;
    float[] own = Arrays.copyOfRange(output.values(), input * length, (input + 1) * length);
    int[] sizes =
        Arrays.stream(output.shape()).skip(1).filter(d -> d > 1).mapToInt(d -> (int) d).toArray();
    if (sizes.length < 2) {
      return isShare(output.values()) ? own : probabilities(own);
    }
    float[] peaks = new float[Arrays.stream(sizes).sum()];
    Arrays.fill(peaks, Float.NEGATIVE_INFINITY);
    int start = 0;
    int stride = length;
    for (int size : sizes) {
      stride /= size;
      for (int i = 0; i < length; i++) {
        int at = start + i / stride % size;
        // Not Math.max, which is slow for the sake of NaN; one is noticed by the sum.
        if (own[i] > peaks[at]) {
          peaks[at] = own[i];
        }
      }
      start += size;
    }
    return isFinite(own) ? peaks : new float[] {Float.NaN};
  }

  /** Whether all values of an output are in [0, 1], as probabilities are. */
  private static boolean isShare(float[] values) {
    for (float value : values) {
      if (!(value >= 0 && value <= 1)) {
        return false;
      }
    }
    return true;
  }

  /** The softmax of scores, unless there is but one. */
  private static float[] probabilities(float[] row) {
    if (row.length < 2) {
      return row;
    }
    float largest = Float.NEGATIVE_INFINITY;
    for (float value : row) {
      largest = Math.max(largest, value);
    }
    double sum = 0;
    for (float value : row) {
      sum += StrictMath.exp(value - largest);
    }
    float[] p = new float[row.length];
    for (int i = 0; i < p.length; i++) {
      p[i] = (float) (StrictMath.exp(row[i] - largest) / sum);
    }
    return p;
  }

  private static boolean isFinite(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += Math.abs(value);
    }
    return Double.isFinite(sum);
  }

  private static float[] thinned(float[] row) {
    int step = Math.ceilDiv(Math.max(row.length, 1), MOST);
    float[] some = new float[Math.ceilDiv(row.length, step)];
    for (int i = 0; i < some.length; i++) {
      some[i] = row[i * step];
    }
    return some;
  }
}
