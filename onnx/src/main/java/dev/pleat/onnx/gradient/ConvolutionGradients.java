package dev.pleat.onnx.gradient;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Convolutions. */
final class ConvolutionGradients {
  private ConvolutionGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of(
        "Conv", ConvolutionGradients::convolution,
        "ConvTranspose", ConvolutionGradients::transposed);
  }

  /**
   * A convolution's way back is the ConvTranspose of the same weight. ONNX Runtime runs the Conv of
   * the turned weight several times faster, so that is taken where the weight is constant.
   */
  private static void convolution(GradientNode node) {
    Window window = Window.of(node);
    long groups = node.integer("group", 1);
    Optional<Tensor> weight = node.constant(1);
    if (weight.isPresent() && TurnedWeight.fits(window)) {
      node.give(0, turned(node, window, TurnedWeight.of(weight.get(), window, groups), groups));
      return;
    }
    String spread =
        node.graph()
            .node("ConvTranspose", List.of(node.gradient(), node.in(1)), window.transposed(groups));
    node.give(0, spread);
  }

  private static String turned(GradientNode node, Window window, TurnedWeight weight, long groups) {
    GraphWriter graph = node.graph();
    String phases =
        graph.node(
            "Conv",
            List.of(node.gradient(), graph.constant(weight.kernel())),
            Attributes.integers("dilations", weight.dilation()),
            Attributes.integers("pads", weight.pads()),
            Attributes.integer("group", groups));
    long stride = window.stride()[0];
    if (stride == 1) {
      return phases;
    }
    String spread =
        graph.node(
            "DepthToSpace",
            List.of(phases),
            Attributes.integer("blocksize", stride),
            Attributes.text("mode", "CRD"));
    boolean exact = Arrays.stream(window.input()).allMatch(size -> size % stride == 0);
    return exact
        ? spread
        : node.op(
            "Slice",
            spread,
            graph.constant(new long[window.axes()]),
            graph.constant(window.input()),
            graph.constant(LongStream.range(2, window.axes() + 2).toArray()));
  }

  private static void transposed(GradientNode node) {
    node.give(
        0,
        node.graph()
            .node(
                "Conv",
                List.of(node.gradient(), node.in(1)),
                Window.back(node).convolution(node.integer("group", 1))));
  }
}
