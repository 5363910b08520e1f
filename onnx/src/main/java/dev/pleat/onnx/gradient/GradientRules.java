package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Nodes;
import java.util.HashMap;
import java.util.Map;

/** The table of gradient rules. An operator that is not in it lets no gradient pass. */
final class GradientRules {
  private static final Map<String, GradientRule> RULES = table();

  private GradientRules() {}

  private static Map<String, GradientRule> table() {
    Map<String, GradientRule> rules = new HashMap<>();
    rules.putAll(ArithmeticGradients.rules());
    rules.putAll(BlockGradients.rules());
    rules.putAll(ConvolutionGradients.rules());
    rules.putAll(MatrixGradients.rules());
    rules.putAll(NormalizationGradients.rules());
    rules.putAll(PoolingGradients.rules());
    rules.putAll(ReductionGradients.rules());
    rules.putAll(ResizeGradients.rules());
    rules.putAll(ShapeGradients.rules());
    rules.putAll(UnaryGradients.rules());
    return Map.copyOf(rules);
  }

  static GradientRule of(NodeProto node) {
    GradientRule rule = Nodes.isStandard(node) ? RULES.get(node.getOpType()) : null;
    if (rule == null) {
      throw new UnsupportedGradient(node, "is an operator without a gradient rule");
    }
    return rule;
  }
}
