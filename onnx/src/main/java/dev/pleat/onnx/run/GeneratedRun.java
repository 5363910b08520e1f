package dev.pleat.onnx.run;

import java.util.Map;

/**
 * One run of a model on generated inputs.
 *
 * @param inputs what it was given, by input name
 * @param outputs every output that is a tensor of numbers, by output name
 */
public record GeneratedRun(Map<String, TensorValue> inputs, Map<String, TensorValue> outputs) {

  /** The shapes of the inputs. */
  public Map<String, long[]> shapes() {
    return GeneratedInputs.shapes(inputs);
  }
}
