package dev.pleat.onnx.gradient;

import dev.pleat.core.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Normalisations. */
final class NormalizationGradients {
  private NormalizationGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of(
        "BatchNormalization", NormalizationGradients::batch,
        "InstanceNormalization", NormalizationGradients::instance,
        "LayerNormalization", NormalizationGradients::layer);
  }

  /** With running statistics, y = scale · (x − mean) / √(var + ε) + bias: one factor a channel. */
  private static void batch(GradientNode node) {
    if (node.integer("training_mode", 0) != 0 || node.integer("spatial", 1) == 0) {
      throw node.refuse("does not normalise with running statistics for each channel");
    }
    node.rank(0);
    GraphWriter graph = node.graph();
    String offset = graph.constant(0f);
    String factor = factor(node);
    node.give(
        0,
        graph.affine(node.gradient(), factor, node.op("Expand", offset, node.op("Shape", factor))));
  }

  /** scale / √(var + ε). */
  private static String factor(GradientNode node) {
    float epsilon = node.real("epsilon", 1e-5f);
    Optional<Tensor> scale = node.constant(1);
    Optional<Tensor> variance = node.constant(4);
    if (scale.isEmpty() || variance.isEmpty()) {
      String deviation = node.op("Sqrt", node.op("Add", node.in(4), node.scalar(epsilon)));
      return node.op("Div", node.in(1), deviation);
    }
    float[] factor = scale.get().values().clone();
    for (int c = 0; c < factor.length; c++) {
      factor[c] = (float) (factor[c] / Math.sqrt((double) variance.get().values()[c] + epsilon));
    }
    return node.graph().constant(factor);
  }

  private static void instance(GradientNode node) {
    int rank = node.rank(0);
    String scale =
        node.op(
            "Unsqueeze",
            node.in(1),
            node.graph().constant(LongStream.range(1, rank - 1).toArray()));
    normalised(node, scale, LongStream.range(2, rank).toArray());
  }

  private static void layer(GradientNode node) {
    int rank = node.rank(0);
    long axis = node.integer("axis", -1);
    long first = axis < 0 ? axis + rank : axis;
    normalised(node, node.in(1), LongStream.range(first, rank).toArray());
  }

  /**
   * With n = (x − mean) / √(var + ε) over some axes and h = g · scale, dx = (h − mean(h) − n ·
   * mean(h · n)) / √(var + ε).
   */
  private static void normalised(GradientNode node, String scale, long[] axes) {
    String x = node.in(0);
    String over = node.graph().constant(axes);
    String deviation = node.op("Sub", x, node.op("ReduceMean", x, over));
    String variance = node.op("ReduceMean", node.square(deviation), over);
    String root =
        node.op("Sqrt", node.op("Add", variance, node.scalar(node.real("epsilon", 1e-5f))));
    String n = node.op("Div", deviation, root);
    String h = node.op("Mul", node.gradient(), scale);
    String along = node.op("Mul", n, node.op("ReduceMean", node.op("Mul", h, n), over));
    String rest = node.op("Sub", node.op("Sub", h, node.op("ReduceMean", h, over)), along);
    node.give(0, node.op("Div", rest, root));
  }
}
