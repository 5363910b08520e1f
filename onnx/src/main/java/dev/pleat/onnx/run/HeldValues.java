package dev.pleat.onnx.run;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/**
 * Outputs of one run that stay in the runtime's memory, to be inputs of the next: a cache that
 * grows. Closing frees them.
 */
public final class HeldValues implements AutoCloseable {
  private final OrtSession.Result result;
  private final Map<String, OnnxTensor> byInput;

  HeldValues(OrtSession.Result result, Map<String, OnnxTensor> byInput) {
    this.result = result;
    this.byInput = Map.copyOf(byInput);
  }

  /** The values by the name of the input that they are for. */
  Map<String, OnnxTensor> byInput() {
    return byInput;
  }

  @Override
  public void close() {
    result.close();
  }
}
