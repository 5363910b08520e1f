package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Activation;
import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.onnx.model.Attributes;
import java.util.List;

/** Feed-forward networks with one down projection. */
final class FeedForwards {
  private FeedForwards() {}

  /**
   * The activations of the neurons, [rows, neurons].
   *
   * @param x [rows, hidden]
   */
  static String neurons(Graph graph, FeedForward.Dense network, String x) {
    return switch (network) {
      case FeedForward.Plain(var up, var down, var activation) ->
          Activations.apply(
              graph, activation, Linears.apply(graph, up, x, Linears.inputs(graph, down)));
      case FeedForward.Gated(var gate, var up, var down, var activation) -> {
        int width = Linears.inputs(graph, down);
        yield graph.node(
            "Mul",
            List.of(
                Activations.apply(graph, activation, Linears.apply(graph, gate, x, width)),
                Linears.apply(graph, up, x, width)));
      }
      case FeedForward.JoinedGated(var gateUp, var down, var activation) -> {
        int width = Linears.inputs(graph, down);
        List<String> halves = halves(graph, Linears.apply(graph, gateUp, x, 2 * width), width);
        yield graph.node(
            "Mul", List.of(Activations.apply(graph, activation, halves.get(0)), halves.get(1)));
      }
    };
  }

  /**
   * The derivatives of the neurons by what their activation function reads, and beside them those
   * by what it is multiplied with, where there is such: [rows, neurons · {@link
   * FeedForward.Dense#inputs}].
   *
   * @param x [rows, hidden]
   */
  static String slopes(Graph graph, FeedForward.Dense network, String x) {
    int width = Linears.inputs(graph, network.down());
    return switch (network) {
      case FeedForward.Plain(var up, var down, var activation) ->
          Activations.slope(graph, activation, Linears.apply(graph, up, x, width));
      case FeedForward.Gated(var gate, var up, var down, var activation) ->
          slopes(
              graph,
              activation,
              Linears.apply(graph, gate, x, width),
              Linears.apply(graph, up, x, width));
      case FeedForward.JoinedGated(var gateUp, var down, var activation) -> {
        List<String> halves = halves(graph, Linears.apply(graph, gateUp, x, 2 * width), width);
        yield slopes(graph, activation, halves.get(0), halves.get(1));
      }
    };
  }

  private static String slopes(Graph graph, Activation activation, String gate, String up) {
    String ofGate = graph.node("Mul", List.of(Activations.slope(graph, activation, gate), up));
    return graph.node(
        "Concat",
        List.of(ofGate, Activations.apply(graph, activation, gate)),
        Attributes.integer("axis", 1));
  }

  private static List<String> halves(Graph graph, String joined, int width) {
    return graph.nodes(
        "Split", List.of(joined, graph.integers(width, width)), 2, Attributes.integer("axis", -1));
  }
}
