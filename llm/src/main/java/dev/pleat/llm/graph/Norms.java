package dev.pleat.llm.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.llm.blueprint.Norm;
import dev.pleat.onnx.model.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Normalisations of the last axis. */
final class Norms {
  private Norms() {}

  static String apply(Graph graph, Optional<Norm> norm, String x) {
    return norm.map(n -> apply(graph, n, x)).orElse(x);
  }

  static String apply(Graph graph, Norm norm, String x) {
    List<String> inputs = new ArrayList<>(List.of(x, scale(graph, norm)));
    norm.bias().ifPresent(bias -> inputs.add(graph.weight(bias)));
    AttributeProto axis = Attributes.integer("axis", -1);
    AttributeProto epsilon = Attributes.real("epsilon", (float) norm.epsilon());
    return switch (norm.kind()) {
      case RMS -> graph.node("RMSNormalization", inputs, axis, epsilon);
      case LAYER -> graph.node("LayerNormalization", inputs, axis, epsilon);
    };
  }

  private static String scale(Graph graph, Norm norm) {
    String weight = graph.weight(norm.weight());
    return norm.weightOffset() == 0
        ? weight
        : graph.node("Add", List.of(weight, graph.scalar(norm.weightOffset())));
  }
}
