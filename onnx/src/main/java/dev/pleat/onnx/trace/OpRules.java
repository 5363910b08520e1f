package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Nodes;
import java.util.HashMap;
import java.util.Map;

/** The table of operator rules. An operator that is not in it freezes what it touches. */
final class OpRules {
  private static final Map<String, OpRule> RULES = table();

  private OpRules() {}

  private static Map<String, OpRule> table() {
    Map<String, OpRule> rules = new HashMap<>();
    rules.putAll(AttentionRules.rules());
    rules.putAll(BlockRules.rules());
    rules.putAll(ConvolutionRules.rules());
    rules.putAll(EinsumRule.rules());
    rules.putAll(GatherRules.rules());
    rules.putAll(ElementwiseRules.rules());
    rules.putAll(MatrixRules.rules());
    rules.putAll(NormalizationRules.rules());
    rules.putAll(PoolingRules.rules());
    rules.putAll(RecurrentRules.rules());
    rules.putAll(ReductionRules.rules());
    rules.putAll(ShapeRules.rules());
    return Map.copyOf(rules);
  }

  static OpRule of(NodeProto node) {
    String key =
        Nodes.isStandard(node) ? node.getOpType() : node.getDomain() + ":" + node.getOpType();
    return RULES.getOrDefault(
        key,
        context ->
            context.freezeInputs(
                Quantised.is(node)
                    ? "works with numbers that are already quantised"
                    : "is an operator that channels cannot be traced through"));
  }
}
