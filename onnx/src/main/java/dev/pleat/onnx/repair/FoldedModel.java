package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model that has been folded in memory, with what a repair needs of the original.
 *
 * @param original the model that was folded
 * @param weights the original's tensors by use
 * @param trace its channels
 * @param clusterings one for each group of the trace
 * @param proto the folded model, for its nodes and sizes
 * @param tensors the folded tensors by use; a repair replaces them
 * @param unread the same with the axes that read channels not merged
 */
public record FoldedModel(
    OnnxModel original,
    TensorStore weights,
    Trace trace,
    List<Clustering> clusterings,
    ModelProto proto,
    TensorOverlay tensors,
    TensorOverlay unread) {

  /** Copies the list. */
  public FoldedModel {
    clusterings = List.copyOf(clusterings);
  }

  /**
   * The folded model as it is walked: its nodes are the original's, one by one. The constants that
   * folding adds, such as new targets of reshapes, become initializers; what else it adds counts as
   * a part of the node behind it.
   */
  Network network() {
    GraphProto.Builder graph = proto.getGraph().toBuilder().clearNode();
    List<NodeProto> nodes = new ArrayList<>();
    Map<Integer, List<NodeProto>> before = new HashMap<>();
    Set<String> known = new HashSet<>();
    original.nodes().forEach(node -> known.addAll(node.getOutputList()));
    for (NodeProto node : proto.getGraph().getNodeList()) {
      if (node.getOutputCount() == 0 || node.getOutputList().stream().anyMatch(known::contains)) {
        nodes.add(node);
      } else if (node.getInputCount() == 0) {
        graph.addInitializer(node.getAttribute(0).getT().toBuilder().setName(node.getOutput(0)));
      } else {
        before.computeIfAbsent(nodes.size(), n -> new ArrayList<>()).add(node);
      }
    }
    graph.addAllNode(nodes);
    return new Network(
        "the folded " + original.file(),
        proto.toBuilder().setGraph(graph).build(),
        original.file(),
        nodes,
        before);
  }
}
