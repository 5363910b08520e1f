package dev.pleat.onnx.run;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Outputs of one run, in the runtime's own memory until closed. */
public final class HeldOutputs implements AutoCloseable {
  private final OrtSession.Result result;
  private final Map<String, OnnxTensor> tensors = new LinkedHashMap<>();

  private HeldOutputs(OrtSession.Result result, Map<String, OnnxTensor> tensors) {
    this.result = result;
    this.tensors.putAll(tensors);
  }

  HeldOutputs(OrtSession.Result result) {
    this(result, Map.of());
    for (Map.Entry<String, OnnxValue> entry : result) {
      if (entry.getValue() instanceof OnnxTensor tensor) {
        tensors.put(entry.getKey(), tensor);
      }
    }
  }

  Map<String, OnnxTensor> tensors() {
    return tensors;
  }

  /** A copy of one output, empty when there is none of this name or it is no tensor of numbers. */
  public Optional<TensorValue> value(String name) {
    return Optional.ofNullable(tensors.get(name)).flatMap(Buffers::value);
  }

  /** Copies of every output that is a tensor of numbers, in the model's order. */
  public Map<String, TensorValue> values() {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> Buffers.value(tensor).ifPresent(value -> values.put(name, value)));
    return values;
  }

  /**
   * The same outputs under the names of the inputs that they are for. Closing either closes both.
   *
   * @param inputs the new name of each output that is to be passed on; the others are left out
   */
  public HeldOutputs as(Map<String, String> inputs) {
    Map<String, OnnxTensor> renamed = new LinkedHashMap<>();
    tensors.forEach((output, tensor) -> {
      if (inputs.containsKey(output)) {
        renamed.put(inputs.get(output), tensor);
      }
    });
    return new HeldOutputs(result, renamed);
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    result.close();
  }
}
