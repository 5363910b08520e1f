package dev.pleat.onnx.gradient;

import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Nodes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operators that show the same numbers in another shape, order or type. */
final class ShapeGradients {
  private ShapeGradients() {}

  static Map<String, GradientRule> rules() {
    Map<String, GradientRule> rules = new HashMap<>();
    for (String op : List.of("Flatten", "Reshape", "Squeeze", "Unsqueeze")) {
      rules.put(op, node -> node.give(0, node.op("Reshape", node.gradient(), node.inShape(0))));
    }
    rules.put("Identity", node -> node.give(0, node.gradient()));
    rules.put("Dropout", ShapeGradients::dropout);
    rules.put("Cast", node -> node.give(0, node.cast(node.gradient(), node.inType(0).element())));
    rules.put("Transpose", ShapeGradients::transpose);
    return rules;
  }

  private static void dropout(GradientNode node) {
    if (node.has(2) && !node.isFalse(2)) {
      throw node.refuse("may drop values, which inference does not");
    }
    node.give(0, node.gradient());
  }

  private static void transpose(GradientNode node) {
    int rank = node.rank(0);
    long[] perm = Nodes.integers(node.node(), "perm").orElse(new long[0]);
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[perm.length == 0 ? rank - 1 - i : node.axis(perm[i], rank)] = i;
    }
    node.give(
        0,
        node.graph()
            .node("Transpose", List.of(node.gradient()), Attributes.integers("perm", back)));
  }
}
