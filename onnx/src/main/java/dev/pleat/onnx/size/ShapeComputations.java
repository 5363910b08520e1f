package dev.pleat.onnx.size;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.HashSet;
import java.util.Set;

/** Values that depend on shapes and short constants only. */
final class ShapeComputations {
  private static final int MOST_ELEMENTS = 64;

  /** Random numbers depend on nothing, but are none of these. */
  private static final String RANDOM = "Random";

  private ShapeComputations() {}

  static Set<String> of(OnnxModel model) {
    Set<String> computed = new HashSet<>();
    for (NodeProto node : model.nodes()) {
      if (!Nodes.isStandard(node) || node.getOpType().startsWith(RANDOM)) {
        continue;
      }
      boolean shape = node.getOpType().equals("Shape") || node.getOpType().equals("Size");
      boolean follows =
          node.getInputCount() > 0
              && Nodes.reads(node).stream()
                  .allMatch(name -> computed.contains(name) || isShort(model, name));
      if (shape || follows) {
        computed.addAll(node.getOutputList());
      }
    }
    computed.remove("");
    return computed;
  }

  private static boolean isShort(OnnxModel model, String name) {
    Constant constant = model.constants().get(name);
    return constant != null && constant.elements() <= MOST_ELEMENTS;
  }
}
