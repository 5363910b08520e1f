package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is made of one network, and how.
 *
 * @param graph its loss
 * @param input the input that is made
 * @param pixels the axes of one image of it
 * @param classes how many classes it knows, 0 where it is no classifier
 * @param sizes how much is made
 */
record InversionPlan(
    LossGraph graph, String input, Pixels pixels, int classes, InversionSizes sizes) {

  /**
   * Looks at a network.
   *
   * @throws PleatException as {@link Inversion#run} says
   */
  static InversionPlan of(OnnxModel model, InversionOptions options) {
    TensorType type;
    TensorValue.Floats values;
    Map<String, TensorValue> outputs;
    try (OnnxSession session = OnnxSession.plain(model.proto(), model.file(), options.threads())) {
      type = only(model, session.inputs());
      // Before the first run, which may fail for reasons that matter less.
      NormalizedLayer.of(model, type.name());
      Map<String, TensorValue> inputs =
          GeneratedInputs.firstThatRuns(session, options.inputShapes(), 0);
      values = (TensorValue.Floats) inputs.values().iterator().next();
      outputs = session.run(inputs);
    }
    String input = type.name();
    int batch = Math.toIntExact(values.shape()[0]);
    Optional<OnnxModel> open =
        type.shape()[0] < 0
            ? Optional.of(model)
            : OpenBatch.of(model, input, values, outputs, options.threads());
    OnnxModel network = open.orElse(model);
    StepCost cost =
        StepCost.of(network, Map.of(input, values.shape()), options.threads()).dividedBy(batch);
    Optional<Classifier> classifier = Classifier.of(network, outputs);
    LossGraph graph =
        LossGraph.of(
            network,
            input,
            sizes(values.shape(), open.isPresent()),
            NormalizedLayer.of(network, input),
            classifier,
            options.weights());
    return new InversionPlan(
        graph,
        input,
        Pixels.of(network, input, values.shape()),
        graph.classes().isPresent() ? classifier.map(Classifier::classes).orElse(0) : 0,
        InversionSizes.choose(cost, options, open.isPresent() ? 0 : batch));
  }

  private static long[] sizes(long[] shape, boolean anyBatch) {
    long[] sizes = shape.clone();
    sizes[0] = anyBatch ? -1 : sizes[0];
    return sizes;
  }

  private static TensorType only(OnnxModel model, List<TensorType> inputs) {
    if (inputs.size() != 1) {
      throw new PleatException(
          "%s: inputs can only be made for models with one input, but it has %s; use --repair data --data PATH with an .npz file that holds them all"
              .formatted(model.file(), inputs.stream().map(TensorType::name).toList()));
    }
    TensorType input = inputs.getFirst();
    if (!input.isFloat() || input.shape().length < 2) {
      throw new PleatException(
          "%s: the input '%s' %s has no gradient: expected floating point with a batch and channels; use --repair data --data PATH"
              .formatted(model.file(), input.name(), Arrays.toString(input.shape())));
    }
    return input;
  }
}
