package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** Pooling. */
final class PoolingGradients {
  private PoolingGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of(
        "MaxPool", PoolingGradients::max,
        "AveragePool", PoolingGradients::average,
        "GlobalAveragePool", PoolingGradients::globalAverage,
        "GlobalMaxPool", PoolingGradients::globalMax);
  }

  /** Pools again to learn where each largest value, the first of equals, came from. */
  private static void max(GradientNode node) {
    GraphWriter graph = node.graph();
    String places = graph.nodes("MaxPool", List.of(node.in(0)), 2, attributes(node)).get(1);
    String flat = graph.constant(-1L);
    String zeros = node.zeros(node.op("ReduceProd", node.inShape(0), graph.constant(0L)));
    String sum =
        graph.node(
            "ScatterElements",
            List.of(
                zeros, node.op("Reshape", places, flat), node.op("Reshape", node.gradient(), flat)),
            Attributes.integer("axis", 0),
            Attributes.text("reduction", "add"));
    node.give(0, node.op("Reshape", sum, node.inShape(0)));
  }

  /** The attributes that a pooling keeps in the operator set of the backward graph. */
  private static AttributeProto[] attributes(GradientNode node) {
    Set<String> dropped = Set.of("storage_order");
    return node.node().getAttributeList().stream()
        .filter(attribute -> !dropped.contains(attribute.getName()))
        .toArray(AttributeProto[]::new);
  }

  /**
   * Each window shares its gradient among its values. What it divided by follows from pooling ones:
   * that gives (values in the window) / divisor.
   */
  private static void average(GradientNode node) {
    Window window = Window.of(node);
    int axes = window.axes();
    int[] one = new int[axes + 2];
    Arrays.fill(one, 1);
    int[] image = one.clone();
    int[] kernel = one.clone();
    for (int i = 0; i < axes; i++) {
      image[i + 2] = Math.toIntExact(window.input()[i]);
      kernel[i + 2] = Math.toIntExact(window.kernel()[i]);
    }
    String ones = node.graph().constant(filled(image));
    String sum = node.graph().constant(filled(kernel));
    String share = node.graph().node("AveragePool", List.of(ones), attributes(node));
    String count = node.graph().node("Conv", List.of(ones, sum), window.convolution(1));
    String each = node.op("Mul", node.gradient(), node.op("Div", share, count));
    long[] merged =
        LongStream.concat(LongStream.of(-1, 1), Arrays.stream(window.output())).toArray();
    String planes = node.op("Reshape", each, node.graph().constant(merged));
    String spread = node.graph().node("ConvTranspose", List.of(planes, sum), window.transposed(1));
    node.give(0, node.op("Reshape", spread, node.inShape(0)));
  }

  private static Tensor filled(int[] shape) {
    float[] values = new float[(int) Tensor.size(shape)];
    Arrays.fill(values, 1);
    return new Tensor(shape, values);
  }

  private static void globalAverage(GradientNode node) {
    String values = node.floating(node.op("ReduceProd", node.inShape(0)));
    String means = node.floating(node.op("ReduceProd", node.outShape(0)));
    String each = node.op("Mul", node.gradient(), node.op("Div", means, values));
    node.give(0, node.op("Expand", each, node.inShape(0)));
  }

  private static void globalMax(GradientNode node) {
    GraphWriter graph = node.graph();
    String planes = graph.constant(0, 0, -1);
    String x = node.op("Reshape", node.in(0), planes);
    String place = graph.node("ArgMax", List.of(x), Attributes.integer("axis", 2));
    String gradient = node.op("Reshape", node.gradient(), planes);
    String sum =
        graph.node(
            "ScatterElements",
            List.of(node.zeros(node.op("Shape", x)), place, gradient),
            Attributes.integer("axis", 2));
    node.give(0, node.op("Reshape", sum, node.inShape(0)));
  }
}
