package dev.pleat.llm.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.llm.blueprint.Attention;
import dev.pleat.llm.blueprint.Norm;
import dev.pleat.onnx.model.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Softmax attention with grouped heads, rotary positions, windows and a cache. */
final class Attentions {
  private final Graph graph;
  private final Places places;
  private final Attention attention;
  private final Taps taps;

  Attentions(Graph graph, Places places, Attention attention, Taps taps) {
    this.graph = graph;
    this.places = places;
    this.attention = attention;
    this.taps = taps;
  }

  /**
   * Attention of one layer.
   *
   * @param x [rows, hidden], normalised
   * @return [rows, hidden]
   */
  String apply(int layer, int firstLayer, String x) {
    List<String> projected = project(x);
    String query = prepare(projected.get(0), attention.heads(), attention.queryNorm());
    String key = prepare(projected.get(1), attention.groups(), attention.keyNorm());
    List<String> inputs =
        new ArrayList<>(
            List.of(query, key, projected.get(2), places.mask(attention.window(), firstLayer)));
    String mixed =
        places.cached() ? withCache(layer, inputs) : graph.node("Attention", inputs, attributes());
    int width = attention.heads() * attention.headDim();
    Linears.requireInputs(graph, attention.output(), width);
    String heads = places.rows(mixed, width);
    taps.heads(heads, width);
    return Linears.apply(graph, attention.output(), heads);
  }

  private String withCache(int layer, List<String> inputs) {
    Object[] past = {"batch", attention.groups(), "past", attention.headDim()};
    Object[] present = {"batch", attention.groups(), "keys", attention.headDim()};
    inputs.add(graph.input(ModelSection.pastKeys(layer), Graph.FLOAT, past));
    inputs.add(graph.input(ModelSection.pastValues(layer), Graph.FLOAT, past));
    List<String> results = graph.nodes("Attention", inputs, 3, attributes());
    graph.output(ModelSection.presentKeys(layer), results.get(1), Graph.FLOAT, present);
    graph.output(ModelSection.presentValues(layer), results.get(2), Graph.FLOAT, present);
    return results.getFirst();
  }

  private AttributeProto[] attributes() {
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                Attributes.integer("q_num_heads", attention.heads()),
                Attributes.integer("kv_num_heads", attention.groups()),
                Attributes.real("scale", (float) attention.scale())));
    attention.softcap().ifPresent(cap -> attributes.add(Attributes.real("softcap", (float) cap)));
    return attributes.toArray(AttributeProto[]::new);
  }

  /** Queries, keys and values, each [batch, sequence, heads · headDim]. */
  private List<String> project(String x) {
    int queries = attention.heads() * attention.headDim();
    int keys = attention.groups() * attention.headDim();
    return switch (attention.projection()) {
      case Attention.Projection.Separate(var query, var key, var value) ->
          List.of(
              places.sequences(Linears.apply(graph, query, x, queries), queries),
              places.sequences(Linears.apply(graph, key, x, keys), keys),
              places.sequences(Linears.apply(graph, value, x, keys), keys));
      case Attention.Projection.Blocks(var joined) ->
          graph.nodes(
              "Split",
              List.of(
                  places.sequences(
                      Linears.apply(graph, joined, x, queries + 2 * keys), queries + 2 * keys),
                  graph.integers(queries, keys, keys)),
              3,
              Attributes.integer("axis", -1));
      case Attention.Projection.PerHead(var joined) -> {
        String heads =
            graph.node(
                "Reshape",
                List.of(
                    Linears.apply(graph, joined, x, 3 * queries),
                    graph.integers(-1, attention.heads(), 3, attention.headDim())));
        yield graph
            .nodes(
                "Split", List.of(heads, graph.integers(1, 1, 1)), 3, Attributes.integer("axis", 2))
            .stream()
            .map(part -> places.sequences(part, queries))
            .toList();
      }
    };
  }

  /** Normalises and turns the heads of x [batch, sequence, heads · headDim]. */
  private String prepare(String x, int heads, Optional<Norm> norm) {
    String normalised = norm.map(n -> perHead(x, heads, n)).orElse(x);
    return attention.rope().map(rope -> places.rotate(rope, normalised, heads)).orElse(normalised);
  }

  private String perHead(String x, int heads, Norm norm) {
    String split =
        graph.node("Reshape", List.of(x, graph.integers(0, 0, heads, attention.headDim())));
    return graph.node(
        "Reshape",
        List.of(
            Norms.apply(graph, norm, split),
            graph.integers(0, 0, (long) heads * attention.headDim())));
  }
}
