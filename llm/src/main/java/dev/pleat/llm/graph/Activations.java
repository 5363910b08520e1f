package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Activation;
import dev.pleat.onnx.model.Attributes;
import java.util.List;

/** Elementwise nonlinearities. */
final class Activations {
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

  /** cap · tanh(x / cap). */
  static String softcap(Graph graph, double cap, String x) {
    String bounded = graph.node("Tanh", List.of(graph.node("Div", List.of(x, graph.scalar(cap)))));
    return graph.node("Mul", List.of(bounded, graph.scalar(cap)));
  }
}
