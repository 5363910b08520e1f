package dev.pleat.onnx.data;

import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.Map;

/**
 * Inputs of a model with one input that are in memory.
 *
 * @param description what they are
 * @param input the model's input
 * @param values all of them, along axis 0
 */
public record HeldInputs(String description, String input, TensorValue.Floats values)
    implements CalibrationInputs {

  @Override
  public int count() {
    return (int) values.shape()[0];
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    int length = values.values().length / count();
    long[] shape = values.shape().clone();
    shape[0] = to - from;
    return Map.of(
        input,
        new TensorValue.Floats(
            shape, Arrays.copyOfRange(values.values(), from * length, to * length)));
  }
}
