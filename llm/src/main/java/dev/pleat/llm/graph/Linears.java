package dev.pleat.llm.graph;

import dev.pleat.core.PleatException;
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

  /**
   * The same for a map whose width another fact of the model decides.
   *
   * @param width of the result
   * @throws PleatException when the weight gives another one
   */
  static String apply(Graph graph, Linear linear, String x, int width) {
    require(linear, "gives", outputs(graph, linear), width);
    return apply(graph, linear, x);
  }

  /**
   * Refuses a map that reads another width.
   *
   * @throws PleatException when the weight reads another one
   */
  static void requireInputs(Graph graph, Linear linear, int width) {
    require(linear, "reads", inputs(graph, linear), width);
  }

  private static void require(Linear linear, String what, int found, int expected) {
    if (found != expected) {
      throw new PleatException(
          "tensor '%s' %s %d values, expected %d; config.json or the weight is another model's"
              .formatted(linear.weight(), what, found, expected));
    }
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
