package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Activation;
import dev.pleat.onnx.model.Attributes;
import java.util.List;

/** Elementwise nonlinearities. */
final class Activations {
  /** Single precision and the third derivative allow for errors of about 1e-5 here. */
  private static final double STEP = 1e-2;

  private Activations() {}

  static String apply(Graph graph, Activation activation, String x) {
    return switch (activation) {
      case SILU -> graph.node("Mul", List.of(x, graph.node("Sigmoid", List.of(x))));
      case GELU -> graph.node("Gelu", List.of(x));
      case GELU_TANH -> graph.node("Gelu", List.of(x), Attributes.text("approximate", "tanh"));
      case RELU -> graph.node("Relu", List.of(x));
      case RELU_SQUARED -> {
        String positive = graph.node("Relu", List.of(x));
        yield graph.node("Mul", List.of(positive, positive));
      }
    };
  }

  /** The derivative at x, by values at both sides of it. */
  static String slope(Graph graph, Activation activation, String x) {
    String above = graph.node("Add", List.of(x, graph.scalar(STEP)));
    String below = graph.node("Add", List.of(x, graph.scalar(-STEP)));
    String difference =
        graph.node(
            "Sub", List.of(apply(graph, activation, above), apply(graph, activation, below)));
    return graph.node("Mul", List.of(difference, graph.scalar(1 / (2 * STEP))));
  }

  /** cap · tanh(x / cap). */
  static String softcap(Graph graph, double cap, String x) {
    String bounded = graph.node("Tanh", List.of(graph.node("Div", List.of(x, graph.scalar(cap)))));
    return graph.node("Mul", List.of(bounded, graph.scalar(cap)));
  }
}
