package dev.pleat.llm.graph;

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
        List<String> halves =
            graph.nodes(
                "Split",
                List.of(Linears.apply(graph, gateUp, x, 2 * width), graph.integers(width, width)),
                2,
                Attributes.integer("axis", -1));
        yield graph.node(
            "Mul", List.of(Activations.apply(graph, activation, halves.get(0)), halves.get(1)));
      }
    };
  }
}
