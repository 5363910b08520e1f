package dev.pleat.onnx.gradient;

import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.run.TensorType;
import java.util.List;
import java.util.stream.IntStream;

/** Sums a gradient over the axes along which a value was repeated. */
final class Unbroadcast {
  private Unbroadcast() {}

  /** The gradient of input {@code input}, given one of the shape of the node's output 0. */
  static String back(GradientNode node, int input, String gradient) {
    TensorType from = node.inType(input);
    TensorType to = node.outType(0);
    int extra = to.shape().length - from.shape().length;
    if (from.shape().length == 0 || extra < 0 || !isCertain(from, to, extra)) {
      return to(node, gradient, node.outShape(0), node.inShape(input));
    }
    long[] axes =
        IntStream.range(0, to.shape().length)
            .filter(i -> i < extra || from.shape()[i - extra] == 1 && to.shape()[i] != 1)
            .asLongStream()
            .toArray();
    if (axes.length == 0) {
      return gradient;
    }
    String sum = node.op("ReduceSum", gradient, node.graph().constant(axes));
    return extra == 0
        ? sum
        : node.op(
            "Squeeze",
            sum,
            node.graph().constant(IntStream.range(0, extra).asLongStream().toArray()));
  }

  /** Whether it is known of each axis whether it was repeated. */
  private static boolean isCertain(TensorType from, TensorType to, int extra) {
    for (int i = 0; i < from.shape().length; i++) {
      long size = from.shape()[i];
      String symbol = from.symbols().get(i);
      boolean same =
          size < 0
              ? !symbol.isBlank() && symbol.equals(to.symbols().get(i + extra))
              : size == 1 || size == to.shape()[i + extra];
      if (!same) {
        return false;
      }
    }
    return true;
  }

  /**
   * Sums a value over the axes along which the target has one element or none, which may be known
   * at run time only.
   */
  static String to(GradientNode node, String value, String shape, String target) {
    String missing = node.op("Sub", node.op("Shape", shape), node.op("Shape", target));
    String ones = node.op("Expand", node.graph().constant(1L), missing);
    String padded =
        node.graph().node("Concat", List.of(ones, target), Attributes.integer("axis", 0));
    String repeated = node.op("Not", node.op("Equal", padded, shape));
    String axes = node.op("Squeeze", node.op("NonZero", repeated), node.graph().constant(0L));
    String sum =
        node.graph()
            .node("ReduceSum", List.of(value, axes), Attributes.integer("noop_with_empty_axes", 1));
    return node.op("Reshape", sum, target);
  }
}
