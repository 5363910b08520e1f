package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.trace.Trace;
import java.util.List;
import java.util.Map;

/** Refuses to run what no memory holds: a few bytes of a file can ask for any number of values. */
final class RunLimit {
  /** Four gibibytes of numbers. */
  private static final double MOST = 1L << 30;

  private RunLimit() {}

  /**
   * Checks a model before it is run.
   *
   * @param inputShapes shapes of inputs that are given, by name
   * @throws PleatException when one of its values is too large
   */
  static void check(OnnxModel model, Map<String, long[]> inputShapes) {
    List<TensorType> types =
        model.graph().getInputList().stream()
            .filter(input -> !model.constants().containsKey(input.getName()))
            .map(TensorType::of)
            .toList();
    Trace.Extent largest = Trace.largest(model, GeneratedInputs.likely(types, inputShapes));
    if (largest.elements() > MOST) {
      throw new PleatException(
          "%s: the value '%s' would have %.3g elements, more than %.3g, so the model is not run; give smaller inputs with --input-shape"
              .formatted(model.file(), largest.name(), largest.elements(), MOST));
    }
  }
}
