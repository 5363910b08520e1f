package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.pleat.onnx.gradient.BackwardPass;
import dev.pleat.onnx.gradient.BatchMoments;
import dev.pleat.onnx.gradient.GraphWriter;
import dev.pleat.onnx.gradient.UnsupportedGradient;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.request.LossWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of the loss that the network computes, and its gradients.
 *
 * @param pass the differentiated network
 * @param layers the normalisations whose statistics are compared
 * @param moments what {@code pass} says of the batch at each layer
 * @param classes the end of a classifier
 */
record LossGraph(
    BackwardPass pass,
    List<NormalizedLayer> layers,
    List<Moments> moments,
    Optional<Classes> classes) {
  private static final Logger LOG = LoggerFactory.getLogger(LossGraph.class);

  /** Where a mismatch is 0 it has no direction. */
  private static final float SMALLEST_LENGTH = 1e-6f;

  /** Names of the values that hold mean and variance of each channel. */
  record Moments(String mean, String variance) {}

  /**
   * The end of a classifier.
   *
   * @param probabilities the value that holds the distribution over the classes of each image
   * @param wanted the input that takes the wanted distribution of each image
   * @param shape the shape of both for one image
   */
  @SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
  record Classes(String probabilities, String wanted, long[] shape) {}

  /**
   * Differentiates a network. Where only its classes have no gradient, the loss goes without them.
   *
   * @param shape of the input, −1 for an open batch
   * @throws dev.pleat.onnx.gradient.UnsupportedGradient when an operator on the way to a
   *     normalisation has no gradient
   */
  static LossGraph of(
      OnnxModel model,
      String input,
      long[] shape,
      List<NormalizedLayer> layers,
      Optional<Classifier> classifier,
      LossWeights weights) {
    Optional<Classifier> wanted = classifier.filter(c -> weights.labels() > 0);
    if (wanted.isEmpty()) {
      return of(BackwardPass.of(model, input, shape), layers, wanted, weights);
    }
    try {
      return of(BackwardPass.of(model, input, shape), layers, wanted, weights);
    } catch (UnsupportedGradient e) {
      LOG.debug("{}: made inputs have no classes: {}", model.file(), e.getMessage());
      return of(BackwardPass.of(model, input, shape), layers, Optional.empty(), weights);
    }
  }

  private static LossGraph of(
      BackwardPass.Builder builder,
      List<NormalizedLayer> layers,
      Optional<Classifier> classifier,
      LossWeights weights) {
    List<Moments> moments = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    for (NormalizedLayer layer : layers) {
      Moments of = compare(builder, layer, weights.statistics() / layers.size());
      moments.add(of);
      outputs.addAll(List.of(of.mean, of.variance));
    }
    Optional<Classes> classes = classifier.map(c -> classify(builder, c, weights.labels()));
    classes.ifPresent(c -> outputs.add(c.probabilities));
    return new LossGraph(builder.build(outputs), layers, moments, classes);
  }

  /** Adds the gradient of the weighted {@link Measured#mismatch(int)}. */
  private static Moments compare(
      BackwardPass.Builder builder, NormalizedLayer layer, double weight) {
    GraphWriter graph = builder.graph();
    BatchMoments moments = BatchMoments.of(builder, layer.value());
    int n = layer.channels();
    float[] precision = new float[n];
    float[] logarithm = new float[n];
    for (int c = 0; c < n; c++) {
      precision[c] = (float) (1 / layer.deviation(c));
      logarithm[c] = (float) (2 * Math.log(layer.deviation(c)));
    }
    String byDeviation = graph.constant(precision);
    String mean =
        graph.mul(
            graph.node("Sub", List.of(moments.mean(), graph.constant(layer.mean()))), byDeviation);
    String variance = graph.add(moments.variance(), graph.scalar((float) layer.epsilon()));
    String ratio =
        graph.node("Sub", List.of(graph.node("Log", List.of(variance)), graph.constant(logarithm)));
    double share = weight / Math.sqrt(n);
    moments.seed(
        graph.mul(direction(graph, mean, share), byDeviation),
        graph.node("Div", List.of(direction(graph, ratio, share), variance)));
    return new Moments(moments.mean(), moments.variance());
  }

  /** The gradient of a vector's length, times a factor. */
  private static String direction(GraphWriter graph, String vector, double factor) {
    String length =
        graph.add(graph.node("ReduceL2", List.of(vector)), graph.scalar(SMALLEST_LENGTH));
    return graph.mul(graph.node("Div", List.of(vector, length)), graph.scalar((float) factor));
  }

  /** Adds the gradient of the mean cross-entropy: (softmax − wanted) / images. */
  private static Classes classify(
      BackwardPass.Builder builder, Classifier classifier, double weight) {
    GraphWriter graph = builder.graph();
    String logits = classifier.logits();
    long[] known = builder.type(logits).shape();
    // What a reshape to computed sizes gives has no rank before it runs.
    int rank = known.length == 0 ? classifier.rank() : known.length;
    // The softmax of rank 4 is over the only axis that is longer than one pixel.
    int axis = known.length == 4 && known[1] == 1 ? 3 : 1;
    long[] shape = new long[rank];
    java.util.Arrays.fill(shape, 1);
    shape[axis] = classifier.classes();
    long[] open = shape.clone();
    open[0] = -1;
    String wanted = graph.input(logits + "/pleat_wanted", DataType.FLOAT, open);
    String p =
        graph.node("Softmax", List.of(builder.saved(logits)), Attributes.integer("axis", axis));
    String images = graph.node("Gather", List.of(builder.shape(logits), graph.constant(0L)));
    String each =
        graph.node(
            "Div",
            List.of(
                graph.scalar((float) weight),
                graph.node(
                    "Cast", List.of(images), Attributes.integer("to", DataType.FLOAT_VALUE))));
    builder.seed(logits, graph.mul(graph.node("Sub", List.of(p, wanted)), each));
    return new Classes(p, wanted, shape);
  }
}
