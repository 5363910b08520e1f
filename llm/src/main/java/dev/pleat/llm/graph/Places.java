package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Rope;
import dev.pleat.onnx.model.Attributes;
import java.util.List;
import java.util.OptionalInt;

/**
 * What depends on where tokens stand: masks and rotations, each made once. Positions count from the
 * start of a sequence; all sequences of a batch have as many earlier positions in the cache.
 */
final class Places {
  private final Graph graph;
  private final boolean causal;
  private final boolean cached;

  /** For a graph with the input {@code position_ids} [batch, sequence]. */
  Places(Graph graph, boolean causal, boolean cached) {
    this.graph = graph;
    this.causal = causal;
    this.cached = cached;
  }

  boolean cached() {
    return cached;
  }

  /** [rows, width] as [batch, sequence, width]. */
  String sequences(String rows, int width) {
    String shape =
        graph.shared(
            "sequences " + width,
            () ->
                graph.node(
                    "Concat",
                    List.of(shape(), graph.integers(width)),
                    Attributes.integer("axis", 0)));
    return graph.node("Reshape", List.of(rows, shape));
  }

  /** [batch, sequence]. */
  private String shape() {
    return graph.shared("shape", () -> graph.node("Shape", List.of(ModelSection.POSITIONS)));
  }

  /** [batch, sequence, width] as [rows, width]. */
  String rows(String sequences, int width) {
    return graph.node("Reshape", List.of(sequences, graph.integers(-1, width)));
  }

  /**
   * Which keys each query sees, [batch, 1, sequence, keys]; empty when it sees all.
   *
   * @param firstLayer a layer of the graph, whose cache tells how many earlier positions there are
   */
  String mask(OptionalInt window, int firstLayer) {
    if (!causal) {
      return "";
    }
    return graph.shared("mask " + window, () -> makeMask(window, firstLayer));
  }

  private String makeMask(OptionalInt window, int firstLayer) {
    String query = graph.node("Unsqueeze", List.of(ModelSection.POSITIONS, graph.integers(1, 3)));
    String keys =
        graph.node("Range", List.of(graph.integer(0), keyCount(firstLayer), graph.integer(1)));
    String mask = graph.node("LessOrEqual", List.of(keys, query));
    if (window.isEmpty()) {
      return mask;
    }
    String last = graph.node("Sub", List.of(query, graph.integer(window.getAsInt())));
    return graph.node("And", List.of(mask, graph.node("Greater", List.of(keys, last))));
  }

  private String keyCount(int firstLayer) {
    String here = dimension(ModelSection.POSITIONS, 1);
    return cached
        ? graph.node("Add", List.of(here, dimension(ModelSection.pastKeys(firstLayer), 2)))
        : here;
  }

  private String dimension(String value, int axis) {
    String shape = graph.node("Shape", List.of(value));
    return graph.node("Gather", List.of(shape, graph.integer(axis)));
  }

  /** x [batch, sequence, heads · headDim] with every head turned. */
  String rotate(Rope rope, String x, int heads) {
    String key = rope.toString();
    String angles = graph.shared("angles " + key, () -> angles(rope));
    String cosine = graph.shared("cosine " + key, () -> part(rope, "Cos", angles));
    String sine = graph.shared("sine " + key, () -> part(rope, "Sin", angles));
    return graph.node(
        "RotaryEmbedding",
        List.of(x, cosine, sine),
        Attributes.integer("num_heads", heads),
        Attributes.integer("interleaved", rope.neighbours() ? 1 : 0),
        Attributes.integer("rotary_embedding_dim", rope.dims()));
  }

  private String angles(Rope rope) {
    String position =
        graph.node(
            "Unsqueeze",
            List.of(
                graph.node(
                    "Cast", List.of(ModelSection.POSITIONS), Attributes.integer("to", Graph.FLOAT)),
                graph.integers(2)));
    double[] frequencies = rope.frequencies().stream().mapToDouble(Double::doubleValue).toArray();
    return graph.node(
        "Mul", List.of(position, graph.floats(new long[] {frequencies.length}, frequencies)));
  }

  private String part(Rope rope, String operator, String angles) {
    String part = graph.node(operator, List.of(angles));
    return rope.magnitude() == 1
        ? part
        : graph.node("Mul", List.of(part, graph.scalar(rope.magnitude())));
  }
}
