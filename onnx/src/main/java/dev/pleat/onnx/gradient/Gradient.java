package dev.pleat.onnx.gradient;

import dev.pleat.onnx.run.TensorValue;
import java.util.Map;

/**
 * What one step gives.
 *
 * @param input dLoss/dInput, of the input's shape
 * @param values the further outputs that were asked for, by name
 */
public record Gradient(TensorValue.Floats input, Map<String, TensorValue> values) {}
