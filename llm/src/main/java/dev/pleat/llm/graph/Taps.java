package dev.pleat.llm.graph;

/** The outputs that show what the last projections of one layer's parts read. */
final class Taps {
  private final Graph graph;
  private final int layer;
  private final boolean wanted;

  Taps(Graph graph, int layer, boolean wanted) {
    this.graph = graph;
    this.layer = layer;
    this.wanted = wanted;
  }

  /** The heads of the layer's attention side by side, [rows, heads · headDim]. */
  void heads(String heads, int width) {
    output(ModelSection.heads(layer), heads, "rows", width);
  }

  /** The residual stream behind attention, where the feed-forward part comes after it. */
  void between(String stream) {
    output(ModelSection.between(layer), stream, "rows", "hidden");
  }

  /** The neurons of the layer's only network, [rows, neurons]. */
  void only(String neurons, int width) {
    output(ModelSection.neurons(layer), neurons, "rows", width);
  }

  /**
   * What the layer's only network reads, [rows, hidden], and the slopes of its neurons.
   *
   * @param inputs values that each neuron is made of
   */
  void slopes(String read, String slopes, int width, int inputs) {
    output(ModelSection.read(layer), read, "rows", "hidden");
    output(ModelSection.slopes(layer), slopes, "rows", width * inputs);
  }

  /** The neurons of an expert, [chosen, neurons], and the rows that chose it, [chosen]. */
  void expert(int expert, String neurons, String rows, int width) {
    String chosen = "chosen." + expert;
    output(ModelSection.neurons(layer, expert), neurons, chosen, width);
    if (wanted) {
      graph.output(ModelSection.rows(layer, expert), rows, Graph.INT64, chosen);
    }
  }

  /** The neurons of the expert that every row takes, [rows, neurons]. */
  void shared(String neurons, int width) {
    output(ModelSection.neurons(layer), neurons, "rows", width);
  }

  private void output(String name, String values, Object... shape) {
    if (wanted) {
      graph.output(name, values, Graph.FLOAT, shape);
    }
  }
}
