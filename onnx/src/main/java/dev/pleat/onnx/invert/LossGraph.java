package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.gradient.BackwardPass;
import dev.pleat.onnx.gradient.GraphWriter;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The part of the loss that the network computes, and its gradients.
 *
 * @param pass the differentiated network
 * @param layers the normalisations whose statistics are compared
 * @param means the values of {@code pass} that hold the batch's mean of each channel, by layer
 * @param squares the values that hold its mean square
 * @param probabilities the value that holds the distribution over the classes of each image
 * @param labels the input that takes the wanted distribution
 * @param labelShape its shape, which is the logits'
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record LossGraph(
    BackwardPass pass,
    List<NormalizedLayer> layers,
    List<String> means,
    List<String> squares,
    Optional<String> probabilities,
    Optional<String> labels,
    long[] labelShape) {

  static LossGraph of(
      OnnxModel model,
      String input,
      List<NormalizedLayer> layers,
      Optional<Classifier> classifier,
      LossWeights weights) {
    BackwardPass.Builder builder = BackwardPass.of(model, input);
    GraphWriter graph = builder.graph();
    List<String> means = new ArrayList<>();
    List<String> squares = new ArrayList<>();
    for (NormalizedLayer layer : layers) {
      new Statistics(builder, layer, weights.statistics() / layers.size()).emit(means, squares);
    }
    Optional<String> probabilities = Optional.empty();
    Optional<String> labels = Optional.empty();
    long[] labelShape = new long[0];
    if (classifier.isPresent() && weights.labels() > 0) {
      String logits = classifier.get().logits();
      long[] shape = builder.type(logits).shape().clone();
      shape[0] = -1;
      labelShape = shape;
      labels = Optional.of(graph.input(logits + "/pleat_labels", DataType.FLOAT, shape));
      // The softmax of rank 4 is over the only axis that is longer than one pixel.
      int axis = shape.length == 4 && shape[1] == 1 ? 3 : 1;
      String p = graph.node("Softmax", List.of(builder.saved(logits)), integer("axis", axis));
      String count = graph.node("Gather", List.of(builder.shape(logits), graph.constant(0L)));
      String each =
          graph.node(
              "Div",
              List.of(
                  graph.scalar((float) weights.labels()),
                  graph.node("Cast", List.of(count), integer("to", DataType.FLOAT_VALUE))));
      builder.seed(logits, graph.mul(graph.node("Sub", List.of(p, labels.get())), each));
      probabilities = Optional.of(p);
    }
    List<String> outputs = new ArrayList<>(means);
    outputs.addAll(squares);
    probabilities.ifPresent(outputs::add);
    return new LossGraph(
        builder.build(outputs), layers, means, squares, probabilities, labels, labelShape);
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  /** The statistics of one layer's input and the gradient of their mismatch. */
  private record Statistics(BackwardPass.Builder builder, NormalizedLayer layer, double weight) {

    void emit(List<String> means, List<String> squares) {
      GraphWriter graph = builder.graph();
      String x = builder.saved(layer.value());
      int rank = builder.type(layer.value()).shape().length;
      long[] axes = new long[rank - 1];
      for (int i = 1; i < axes.length; i++) {
        axes[i] = i + 1;
      }
      String over = graph.constant(axes);
      String mean = graph.node("ReduceMean", List.of(x, over));
      String square = graph.node("ReduceMean", List.of(graph.mul(x, x), over));
      means.add(mean);
      squares.add(square);
      String variance = graph.node("Sub", List.of(square, graph.mul(mean, mean)));
      int n = layer.channels();
      float[] byMean = new float[n];
      float[] byVariance = new float[n];
      for (int c = 0; c < n; c++) {
        double scale = 1 / (layer.variance()[c] + layer.epsilon());
        byMean[c] = (float) (2 * weight / n * scale);
        byVariance[c] = (float) (2 * weight / n * scale * scale);
      }
      // With loss = w/n Σ ((m-μ)²/s² + (v-s²)²/s⁴): dx = (dm + 2 (x-m) dv) / positions.
      String dm =
          graph.mul(
              graph.node("Sub", List.of(mean, channels(layer.mean(), rank))),
              channels(byMean, rank));
      String dv =
          graph.mul(
              graph.node("Sub", List.of(variance, channels(layer.variance(), rank))),
              channels(byVariance, rank));
      String positions =
          graph.node(
              "Div",
              List.of(
                  graph.node(
                      "Cast",
                      List.of(graph.node("Size", List.of(x))),
                      integer("to", DataType.FLOAT_VALUE)),
                  graph.scalar(n)));
      String slope = graph.node("Div", List.of(graph.add(dv, dv), positions));
      String offset =
          graph.node(
              "Sub", List.of(graph.node("Div", List.of(dm, positions)), graph.mul(slope, mean)));
      builder.seed(layer.value(), graph.add(graph.mul(x, slope), offset));
    }

    private String channels(float[] values, int rank) {
      int[] shape = new int[rank];
      java.util.Arrays.fill(shape, 1);
      shape[1] = values.length;
      return builder.graph().constant(new Tensor(shape, values));
    }
  }
}
