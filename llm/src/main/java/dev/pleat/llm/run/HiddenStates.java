package dev.pleat.llm.run;

import dev.pleat.onnx.run.TensorValue;
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
