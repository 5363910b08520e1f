package dev.pleat.llm.graph;

import dev.pleat.llm.blueprint.Linear;
import dev.pleat.onnx.model.Attributes;
import java.util.ArrayList;
import java.util.List;

/** Linear maps of rows. */
final class Linears {
  private Linears() {}

  /**
   * x Wᵀ + b.
   *
   * @param x [rows, in]
   */
  static String apply(Graph graph, Linear linear, String x) {
    List<String> inputs = new ArrayList<>(List.of(x, graph.weight(linear.weight())));
    linear.bias().ifPresent(bias -> inputs.add(graph.weight(bias)));
    return graph.node("Gemm", inputs, Attributes.integer("transB", linear.transposed() ? 0 : 1));
  }

  /** The width of the result. */
  static int outputs(Graph graph, Linear linear) {
    return graph.size(linear.weight(), linear.transposed() ? 1 : 0, 2);
  }

  /** The width that is read. */
  static int inputs(Graph graph, Linear linear) {
    return graph.size(linear.weight(), linear.transposed() ? 0 : 1, 2);
  }
}
