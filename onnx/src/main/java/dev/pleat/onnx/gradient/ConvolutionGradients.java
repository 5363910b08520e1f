package dev.pleat.onnx.gradient;

import java.util.List;
import java.util.Map;

/** Convolutions. */
final class ConvolutionGradients {
  private ConvolutionGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of(
        "Conv", ConvolutionGradients::convolution,
        "ConvTranspose", ConvolutionGradients::transposed);
  }

  private static void convolution(GradientNode node) {
    refuseActiveWeights(node);
    Window window = Window.of(node);
    node.give(
        0,
        node.graph()
            .node(
                "ConvTranspose",
                List.of(node.gradient(), node.in(1)),
                window.transposed(node.integer("group", 1))));
  }

  private static void transposed(GradientNode node) {
    refuseActiveWeights(node);
    node.give(
        0,
        node.graph()
            .node(
                "Conv",
                List.of(node.gradient(), node.in(1)),
                Window.back(node).convolution(node.integer("group", 1))));
  }

  private static void refuseActiveWeights(GradientNode node) {
    if (node.wants(1) || node.wants(2)) {
      throw node.refuse("has weights that depend on the input");
    }
  }
}
