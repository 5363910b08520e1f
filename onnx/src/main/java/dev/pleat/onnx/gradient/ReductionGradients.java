package dev.pleat.onnx.gradient;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reductions and softmax. */
final class ReductionGradients {
  private ReductionGradients() {}

  static Map<String, GradientRule> rules() {
    Map<String, GradientRule> rules = new HashMap<>();
    rules.put("ReduceSum", node -> node.give(0, repeated(node, node.gradient())));
    rules.put("ReduceMean", ReductionGradients::mean);
    rules.put("Softmax", ReductionGradients::softmax);
    rules.put("LogSoftmax", ReductionGradients::logSoftmax);
    return rules;
  }

  private static void mean(GradientNode node) {
    // Both counts are exact in float up to 2²⁴ elements, and close enough beyond.
    String elements = node.floating(node.op("ReduceProd", node.inShape(0)));
    String left = node.floating(node.op("ReduceProd", node.outShape(0)));
    String share = node.op("Div", left, elements);
    node.give(0, repeated(node, node.op("Mul", node.gradient(), share)));
  }

  /** A gradient of the shape of the reduced value, repeated over the axes that were reduced. */
  private static String repeated(GradientNode node, String gradient) {
    Optional<long[]> axes = node.integers(1, "axes");
    if (node.has(1) && axes.isEmpty()) {
      throw node.refuse("reduces along axes that are not constant");
    }
    boolean all = axes.isEmpty() || axes.get().length == 0;
    if (all && node.integer("noop_with_empty_axes", 0) != 0) {
      return gradient;
    }
    String kept = gradient;
    if (node.integer("keepdims", 1) == 0) {
      long[] inserted = all ? LongStream.range(0, node.rank(0)).toArray() : axes.get();
      kept = node.op("Unsqueeze", gradient, node.graph().constant(inserted));
    }
    return node.op("Expand", kept, node.inShape(0));
  }

  /** dx = y · (g − Σ g·y). */
  private static void softmax(GradientNode node) {
    String weighted = node.op("Mul", node.gradient(), node.out());
    String sum = node.op("ReduceSum", weighted, axes(node));
    node.give(0, node.op("Sub", weighted, node.op("Mul", node.out(), sum)));
  }

  /** dx = g − eʸ · Σ g. */
  private static void logSoftmax(GradientNode node) {
    String sum = node.op("ReduceSum", node.gradient(), axes(node));
    node.give(0, node.op("Sub", node.gradient(), node.op("Mul", node.op("Exp", node.out()), sum)));
  }

  /** Before operator set 13, all axes from the given one on are one. */
  private static String axes(GradientNode node) {
    boolean flattens = node.opset() < 13;
    long axis = node.integer("axis", flattens ? 1 : -1);
    int rank = node.rank(0);
    long first = axis < 0 ? axis + rank : axis;
    return node.graph().constant(LongStream.range(first, flattens ? rank : first + 1).toArray());
  }
}
