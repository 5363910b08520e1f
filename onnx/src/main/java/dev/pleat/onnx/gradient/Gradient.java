package dev.pleat.onnx.gradient;

import dev.pleat.onnx.run.TensorValue;
import java.util.Map;

/**
 * What one step gives.
 *
 * @param input dLoss/dInput, of the input's shape
 * @param values the further outputs that were asked for, by name
 */
public record Gradient(TensorValue.Floats input, Map<String, TensorValue> values) {

  /**
   * The numbers of a further output.
   *
   * @throws IllegalArgumentException when it is no floating-point value that was asked for
   */
  public float[] floats(String output) {
    if (values.get(output) instanceof TensorValue.Floats floats) {
      return floats.values();
    }
    throw new IllegalArgumentException(output + " is none of " + values.keySet());
  }
}
