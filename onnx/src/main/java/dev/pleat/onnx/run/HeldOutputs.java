package dev.pleat.onnx.run;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Outputs of one run, in the runtime's own memory until closed. */
public final class HeldOutputs implements AutoCloseable {
  private final Map<String, OnnxTensor> tensors;

  private HeldOutputs(Map<String, OnnxTensor> tensors) {
    this.tensors = tensors;
  }

  HeldOutputs(OrtSession.Result result) {
    this(new LinkedHashMap<>());
    for (Map.Entry<String, OnnxValue> entry : result) {
      if (entry.getValue() instanceof OnnxTensor tensor) {
        tensors.put(entry.getKey(), tensor);
      } else {
        entry.getValue().close();
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

  /**
   * Parts one output from the others, to be closed by itself.
   *
   * @return empty when there is none of this name or it is no tensor of numbers
   */
  public Optional<HeldOutputs> take(String name) {
    OnnxTensor tensor = tensors.get(name);
    if (tensor == null || !Buffers.isNumeric(tensor.getInfo().type)) {
      return Optional.empty();
    }
    tensors.remove(name);
    return Optional.of(new HeldOutputs(Map.of(name, tensor)));
  }

  /** Bytes of all outputs. */
  public long bytes() {
    return tensors.values().stream()
        .mapToLong(tensor -> tensor.getInfo().getNumElements() * tensor.getInfo().type.size)
        .sum();
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
    return new HeldOutputs(renamed);
  }

  /** Gives the memory back. */
  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
  }
}
