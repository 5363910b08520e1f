package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Recurrent layers whose state begins as zeros that the graph makes: zeros are what a missing state
 * means, and without them no number ties the units of several layers.
 */
final class ZeroStates {
  private static final int FIRST = 5;
  private static final int LAST = 6;

  /** Operators that only show their first input in another way. */
  private static final Set<String> SHOWN =
      Set.of("Slice", "Split", "Gather", "Tile", "Concat", "Expand");

  private final OnnxModel model;
  private final Map<String, NodeProto> maker = new HashMap<>();

  private ZeroStates(OnnxModel model) {
    this.model = model;
    for (NodeProto node : model.nodes()) {
      node.getOutputList().forEach(output -> maker.put(output, node));
    }
  }

  /** The model with such states left out. */
  static OnnxModel omitted(OnnxModel model) {
    return new ZeroStates(model).omitted();
  }

  private OnnxModel omitted() {
    List<NodeProto> nodes = new ArrayList<>();
    boolean changed = false;
    for (NodeProto node : model.nodes()) {
      NodeProto plain = Nodes.isRecurrent(node) ? withoutZeros(node) : node;
      changed |= plain != node;
      nodes.add(plain);
    }
    return changed
        ? model.with(model.proto().toBuilder().setGraph(Pruning.with(model.graph(), nodes)).build())
        : model;
  }

  private NodeProto withoutZeros(NodeProto node) {
    NodeProto.Builder plain = node.toBuilder();
    boolean changed = false;
    for (int i = FIRST; i <= LAST && i < node.getInputCount(); i++) {
      if (!node.getInput(i).isEmpty() && isZero(node.getInput(i))) {
        plain.setInput(i, "");
        changed = true;
      }
    }
    return changed ? plain.build() : node;
  }

  private boolean isZero(String name) {
    String at = name;
    while (true) {
      Constant constant = model.constants().get(at);
      if (constant != null) {
        return constant.isFloat() && isZero(model.floats(constant));
      }
      NodeProto node = maker.get(at);
      if (node == null || !Nodes.isStandard(node)) {
        return false;
      }
      if (node.getOpType().equals("ConstantOfShape")) {
        return Nodes.attribute(node, "value").map(a -> isZero(a.getT())).orElse(true);
      }
      boolean several = node.getOpType().equals("Concat") && node.getInputCount() > 1;
      if (several || !SHOWN.contains(node.getOpType()) && !Nodes.isView(node)) {
        return false;
      }
      at = node.getInput(0);
    }
  }

  private static boolean isZero(TensorProto single) {
    return IntStream.range(0, single.getRawData().size())
            .allMatch(i -> single.getRawData().byteAt(i) == 0)
        && single.getFloatDataList().stream().allMatch(value -> value == 0);
  }

  private static boolean isZero(float[] values) {
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
