package dev.pleat.llm.repair;

import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.run.HiddenStates;
import java.util.stream.IntStream;

/**
 * A projection from neurons to outputs, whichever way it is stored.
 *
 * @param outputs number of outputs m
 * @param neurons number of neurons n
 * @param rows m×n, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record DownProjection(int outputs, int neurons, float[] rows) {

  /** Reads a tensor whose axis {@code slot.axis()} indexes the neurons. */
  static DownProjection of(Slot slot, Tensor tensor) {
    int neurons = tensor.shape()[slot.axis()];
    int outputs = tensor.shape()[1 - slot.axis()];
    float[] rows =
        slot.axis() == 1 ? tensor.values() : transposed(tensor.values(), neurons, outputs);
    return new DownProjection(outputs, neurons, rows);
  }

  /**
   * Rounds values to single precision.
   *
   * @param values outputs×neurons, row-major
   */
  static DownProjection of(int outputs, double[] values) {
    float[] rows = new float[values.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) values[i];
    }
    return new DownProjection(outputs, values.length / outputs, rows);
  }

  /** The tensor that is stored. */
  Tensor tensor(Slot slot) {
    return slot.axis() == 1
        ? new Tensor(new int[] {outputs, neurons}, rows)
        : new Tensor(new int[] {neurons, outputs}, columns());
  }

  /** Some of the neurons, by their places. */
  DownProjection of(int[] chosen) {
    return new DownProjection(
        outputs, chosen.length, new HiddenStates(outputs, neurons, rows).columns(chosen).values());
  }

  /** The inverse: neurons at these places among others that give nothing. */
  DownProjection spread(int[] places, int among) {
    float[] spread = new float[outputs * among];
    for (int r = 0; r < outputs; r++) {
      for (int i = 0; i < neurons; i++) {
        spread[r * among + places[i]] = rows[r * neurons + i];
      }
    }
    return new DownProjection(outputs, among, spread);
  }

  /** The values in double precision, m×n. */
  double[] values() {
    return IntStream.range(0, rows.length).mapToDouble(i -> rows[i]).toArray();
  }

  /** The same values, n×m. */
  float[] columns() {
    return transposed(rows, outputs, neurons);
  }

  /** The transpose of a row-major matrix. */
  static float[] transposed(float[] values, int rows, int columns) {
    float[] result = new float[values.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = values[i * columns + j];
      }
    }
    return result;
  }
}
