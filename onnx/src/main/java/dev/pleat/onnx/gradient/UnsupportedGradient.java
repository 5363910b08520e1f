package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.Nodes;

/**
 * A node between the input and the values that matter has no gradient here. Whoever has another way
 * takes it.
 */
public final class UnsupportedGradient extends PleatException {
  private static final long serialVersionUID = 1L;

  private final String operator;
  private final String node;

  UnsupportedGradient(NodeProto node, String why) {
    super(
        "%s %s, so no gradient can pass it; give real inputs instead of having them made"
            .formatted(Nodes.describe(node), why));
    this.operator = node.getOpType();
    this.node = Nodes.describe(node);
  }

  /** The operator, such as {@code NonMaxSuppression}. */
  public String operator() {
    return operator;
  }

  /** The node as messages call it. */
  public String node() {
    return node;
  }
}
