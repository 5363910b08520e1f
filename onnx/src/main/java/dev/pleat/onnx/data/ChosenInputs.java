package dev.pleat.onnx.data;

import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some of other inputs.
 *
 * @param description what they are
 * @param all the inputs that they are taken from
 * @param indices which of them, rising, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // A view, never compared.
public record ChosenInputs(String description, CalibrationInputs all, int[] indices)
    implements CalibrationInputs {

  @Override
  public int count() {
    return indices.length;
  }

  /** Neighbours are read at once. */
  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    Map<String, List<TensorValue>> pieces = new LinkedHashMap<>();
    for (int i = from, next; i < to; i = next) {
      next = i + 1;
      while (next < to && indices[next] == indices[next - 1] + 1) {
        next++;
      }
      all.batch(indices[i], indices[next - 1] + 1)
          .forEach(
              (name, value) -> pieces.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    Map<String, TensorValue> batch = new LinkedHashMap<>();
    pieces.forEach((name, parts) -> batch.put(name, TensorValue.joined(parts)));
    return batch;
  }
}
