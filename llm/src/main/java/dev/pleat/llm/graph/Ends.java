package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Embedding;
import dev.pleat.llm.blueprint.Head;
import java.util.List;

/** What stands before the first layer and after the last. */
final class Ends {
  private Ends() {}

  /** The first hidden state, [rows, hidden]. */
  static String embed(Graph graph, Embedding embedding, String tokens) {
    String flat = graph.integers(-1);
    String x = graph.rows(embedding.tokens(), graph.node("Reshape", List.of(tokens, flat)));
    if (embedding.scale() != 1) {
      x = graph.node("Mul", List.of(x, graph.scalar(embedding.scale())));
    }
    if (embedding.positions().isPresent()) {
      Embedding.Positions positions = embedding.positions().get();
      String rows = graph.node("Reshape", List.of(ModelSection.POSITIONS, flat));
      if (positions.offset() != 0) {
        rows = graph.node("Add", List.of(rows, graph.integer(positions.offset())));
      }
      x = graph.node("Add", List.of(x, graph.rows(positions.table(), rows)));
    }
    if (embedding.segments().isPresent()) {
      String first = graph.rows(embedding.segments().get(), graph.integers(0));
      x = graph.node("Add", List.of(x, first));
    }
    return Norms.apply(graph, embedding.norm(), x);
  }

  /** The logits of hidden states [rows, hidden], [rows, vocabulary]. */
  static String head(Graph graph, Head head, int vocabulary, String hidden) {
    String normalised = Norms.apply(graph, head.norm(), hidden);
    String logits = Linears.apply(graph, head.output(), normalised, vocabulary);
    return head.softcap().isPresent()
        ? Activations.softcap(graph, head.softcap().getAsDouble(), logits)
        : logits;
  }
}
