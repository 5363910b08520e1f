package dev.pleat.onnx.gradient;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.HeldOutputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a forward pass and its backward pass. What the one saves for the other stays in the
 * runtime's memory. Not for use by several threads at once.
 */
public final class GradientSession implements AutoCloseable {
  private final BackwardPass pass;
  private final OnnxSession forward;
  private final OnnxSession backward;

  private GradientSession(BackwardPass pass, OnnxSession forward, OnnxSession backward) {
    this.pass = pass;
    this.forward = forward;
    this.backward = backward;
  }

  /**
   * Opens both graphs.
   *
   * @param threads threads that one run may use, at least 1
   * @throws PleatException when ONNX Runtime does not load one of them
   */
  public static GradientSession open(BackwardPass pass, int threads) {
    OnnxSession forward = OnnxSession.open(pass.forward(), pass.origin(), threads);
    try {
      return new GradientSession(
          pass, forward, OnnxSession.open(pass.backward(), pass.origin(), threads));
    } catch (PleatException e) {
      forward.close();
      throw e;
    }
  }

  /**
   * One step.
   *
   * @param input the value of the input that is differentiated
   * @param extraInputs the model's other inputs and the inputs that were added to the backward
   *     graph, by name
   * @throws PleatException when one is missing or does not fit
   */
  public Gradient run(TensorValue.Floats input, Map<String, TensorValue> extraInputs) {
    Map<String, TensorValue> values = new LinkedHashMap<>(extraInputs);
    values.put(pass.input(), input);
    try (HeldOutputs saved = forward.hold(taken(forward, values), List.of());
        HeldOutputs gradients = backward.hold(taken(backward, values), List.of(saved))) {
      Map<String, TensorValue> outputs = new LinkedHashMap<>();
      for (String output : pass.outputs()) {
        gradients
            .value(output)
            .or(() -> saved.value(output))
            .ifPresent(value -> outputs.put(output, value));
      }
      TensorValue gradient = gradients.value(pass.gradient()).orElseThrow();
      return new Gradient((TensorValue.Floats) gradient, outputs);
    }
  }

  private static Map<String, TensorValue> taken(
      OnnxSession session, Map<String, TensorValue> values) {
    Map<String, TensorValue> taken = new HashMap<>(values);
    taken.keySet().retainAll(session.inputs().stream().map(TensorType::name).toList());
    return taken;
  }

  @Override
  public void close() {
    try (forward) {
      backward.close();
    }
  }
}
