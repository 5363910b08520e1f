package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.FeedForward.Mixture;
import dev.pleat.onnx.model.Attributes;
import java.util.List;

/** Mixtures of experts: each expert computes only the rows that chose it. */
final class Mixtures {
  private final Graph graph;
  private final Mixture mixture;
  private final Taps taps;

  Mixtures(Graph graph, Mixture mixture, Taps taps) {
    this.graph = graph;
    this.mixture = mixture;
    this.taps = taps;
  }

  /** The mixture of x [rows, hidden]. */
  String apply(String x) {
    String weights = routing(x);
    String sum = graph.node("Mul", List.of(x, graph.scalar(0)));
    for (int e = 0; e < mixture.experts().size(); e++) {
      sum = add(sum, mixture.experts().get(e), e, x, weights);
    }
    return mixture.shared().isPresent()
        ? graph.node("Add", List.of(sum, shared(mixture.shared().get(), x)))
        : sum;
  }

  /** The weight of each expert for each row, [rows, experts]; 0 where it is not chosen. */
  private String routing(String x) {
    String scores =
        graph.node(
            "Softmax",
            List.of(Linears.apply(graph, mixture.router(), x)),
            Attributes.integer("axis", -1));
    List<String> best =
        graph.nodes(
            "TopK",
            List.of(scores, graph.integers(mixture.chosen())),
            2,
            Attributes.integer("axis", -1));
    String chosen = best.get(0);
    if (mixture.normalised()) {
      String sum = graph.node("ReduceSum", List.of(chosen, graph.integers(-1)));
      chosen = graph.node("Div", List.of(chosen, sum));
    }
    String nothing = graph.node("Mul", List.of(scores, graph.scalar(0)));
    return graph.node(
        "ScatterElements", List.of(nothing, best.get(1), chosen), Attributes.integer("axis", -1));
  }

  private String add(String sum, FeedForward.Dense expert, int index, String x, String weights) {
    String weight =
        graph.node(
            "Gather", List.of(weights, graph.integers(index)), Attributes.integer("axis", 1));
    String found =
        graph.node("NonZero", List.of(graph.node("Squeeze", List.of(weight, graph.integers(1)))));
    String rows = graph.node("Squeeze", List.of(found, graph.integers(0)));
    String neurons = FeedForwards.neurons(graph, expert, graph.node("Gather", List.of(x, rows)));
    taps.expert(index, neurons, rows, Linears.inputs(graph, expert.down()));
    String result =
        graph.node(
            "Mul",
            List.of(
                Linears.apply(graph, expert.down(), neurons),
                graph.node("Gather", List.of(weight, rows))));
    return graph.node(
        "ScatterND",
        List.of(sum, graph.node("Unsqueeze", List.of(rows, graph.integers(1))), result),
        Attributes.text("reduction", "add"));
  }

  private String shared(FeedForward.Dense expert, String x) {
    String neurons = FeedForwards.neurons(graph, expert, x);
    taps.shared(neurons, Linears.inputs(graph, expert.down()));
    String result = Linears.apply(graph, expert.down(), neurons);
    if (mixture.sharedGate().isEmpty()) {
      return result;
    }
    String gate =
        graph.node("Sigmoid", List.of(Linears.apply(graph, mixture.sharedGate().get(), x)));
    return graph.node("Mul", List.of(result, gate));
  }
}
