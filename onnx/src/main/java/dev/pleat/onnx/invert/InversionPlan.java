package dev.pleat.onnx.invert;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
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
 * @param images how many are made
 * @param steps of the optimiser for each batch
 * @param batches how many batches the images are made in, as equal as can be
 */
record InversionPlan(
    LossGraph graph, String input, Pixels pixels, int classes, int images, int steps, int batches) {

  static InversionPlan of(OnnxModel model, InversionOptions options) {
    Map<String, TensorValue> inputs;
    Map<String, TensorValue> outputs;
    TensorType input;
    try (OnnxSession session = OnnxSession.open(model.file(), options.threads())) {
      input = only(model, session.inputs());
      inputs = GeneratedInputs.firstThatRuns(session, options.inputShapes(), 0);
      outputs = session.run(inputs);
    }
    List<NormalizedLayer> layers = NormalizedLayer.of(model, input.name());
    long[] shape = inputs.values().iterator().next().shape();
    Optional<Classifier> classifier = Classifier.of(model, outputs);
    LossGraph graph = LossGraph.of(model, input.name(), layers, classifier, options.weights());
    Pixels pixels = Pixels.of(model, input.name(), shape).batch(1);
    int images = options.images().orElse(256);
    int batch = options.batch().orElse(256);
    return new InversionPlan(
        graph,
        input.name(),
        pixels,
        graph.classes().isPresent() ? classifier.map(Classifier::classes).orElse(0) : 0,
        images,
        options.steps().orElse(160),
        (images + batch - 1) / batch);
  }

  private static TensorType only(OnnxModel model, List<TensorType> inputs) {
    if (inputs.size() != 1 || inputs.getFirst().shape().length < 2) {
      throw new PleatException(
          "%s: inputs can be made for a model with one input of a batch and channels, but it has %s"
              .formatted(model.file(), inputs));
    }
    return inputs.getFirst();
  }

  /** The first image of a batch. */
  int start(int index) {
    return (int) ((long) images * index / batches);
  }
}
