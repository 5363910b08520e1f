package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.FeedForward;
import dev.pleat.llm.blueprint.Layer;
import java.util.List;

/** Whole layers: attention, feed-forward and the residual stream around them. */
final class Layers {
  private final Graph graph;
  private final Places places;
  private final ModelSection part;

  Layers(Graph graph, Places places, ModelSection part) {
    this.graph = graph;
    this.places = places;
    this.part = part;
  }

  /** The residual stream [rows, hidden] after a layer. */
  String apply(int index, Layer layer, String x) {
    return switch (layer.residual()) {
      case SEQUENTIAL -> {
        String middle = add(x, Norms.apply(graph, layer.afterAttention(), attend(index, layer, x)));
        taps(index).between(middle);
        yield add(middle, Norms.apply(graph, layer.afterFeedForward(), feed(index, layer, middle)));
      }
      case PARALLEL -> add(add(x, attend(index, layer, x)), feed(index, layer, x));
      case NORMALISED -> {
        String middle = Norms.apply(graph, layer.afterAttention(), add(x, attend(index, layer, x)));
        yield Norms.apply(graph, layer.afterFeedForward(), add(middle, feed(index, layer, middle)));
      }
    };
  }

  private String add(String a, String b) {
    return graph.node("Add", List.of(a, b));
  }

  private String attend(int index, Layer layer, String x) {
    return new Attentions(graph, places, layer.attention(), taps(index))
        .apply(index, part.from(), Norms.apply(graph, layer.beforeAttention(), x));
  }

  private Taps taps(int index) {
    return new Taps(graph, index, part.taps().contains(index));
  }

  private String feed(int index, Layer layer, String x) {
    String read = Norms.apply(graph, layer.beforeFeedForward(), x);
    Taps taps = taps(index);
    return switch (layer.feedForward()) {
      case FeedForward.Mixture mixture -> new Mixtures(graph, mixture, taps).apply(read);
      case FeedForward.Dense network -> {
        String neurons = FeedForwards.neurons(graph, network, read);
        int width = Linears.inputs(graph, network.down());
        taps.only(neurons, width);
        if (part.slopes()) {
          taps.slopes(read, FeedForwards.slopes(graph, network, read), width, network.inputs());
        }
        yield Linears.apply(graph, network.down(), neurons);
      }
    };
  }
}
