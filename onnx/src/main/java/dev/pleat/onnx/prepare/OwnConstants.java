package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.List;

/**
 * Constants that stand in for others of the same values: an exporter stores equal ones once and
 * gives the rest as their Identity. Which ones are equal depends on values, so that two networks of
 * one architecture differ in it.
 */
public final class OwnConstants {
  /** Before this version of the format initializers stand among the inputs, too. */
  private static final long FIRST_FREE_INITIALIZERS = 4;

  private OwnConstants() {}

  /** The model with a constant of its own in place of each such Identity. */
  public static OnnxModel of(OnnxModel model) {
    if (model.proto().getIrVersion() < FIRST_FREE_INITIALIZERS) {
      return model;
    }
    List<NodeProto> shared = model.nodes().stream().filter(node -> isShared(model, node)).toList();
    if (shared.isEmpty()) {
      return model;
    }
    List<NodeProto> rest = model.nodes().stream().filter(node -> !isShared(model, node)).toList();
    GraphProto.Builder graph = Pruning.with(model.graph(), rest).toBuilder();
    for (NodeProto node : shared) {
      Constant constant = model.constant(node.getInput(0));
      graph.addInitializer(constant.proto().toBuilder().setName(node.getOutput(0)));
    }
    return model.with(model.proto().toBuilder().setGraph(graph).build());
  }

  private static boolean isShared(OnnxModel model, NodeProto node) {
    return Nodes.isStandard(node)
        && node.getOpType().equals("Identity")
        && node.getInputCount() == 1
        && node.getOutputCount() == 1
        && model.constants().containsKey(node.getInput(0))
        && model.graph().getOutputList().stream()
            .noneMatch(output -> output.getName().equals(node.getOutput(0)));
  }
}
