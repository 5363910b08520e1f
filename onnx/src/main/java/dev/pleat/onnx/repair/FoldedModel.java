package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.walk.Network;
import java.util.List;

/**
 * A model that has been folded in memory, with what a repair needs of the original.
 *
 * @param original the model that was folded
 * @param trace its channels
 * @param clusterings one for each group of the trace
 * @param proto the folded model, for its nodes and sizes
 * @param tensors the folded tensors by use; a repair replaces them
 * @param unread the same with the axes that read channels not merged
 */
public record FoldedModel(
    OnnxModel original,
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
   * folding puts before them, such as new targets of reshapes, become initializers.
   */
  Network network() {
    List<NodeProto> all = proto.getGraph().getNodeList();
    int added = all.size() - original.nodes().size();
    List<NodeProto> nodes = all.subList(added, all.size());
    GraphProto.Builder graph = proto.getGraph().toBuilder().clearNode().addAllNode(nodes);
    for (NodeProto constant : all.subList(0, added)) {
      graph.addInitializer(
          constant.getAttribute(0).getT().toBuilder().setName(constant.getOutput(0)));
    }
    return new Network(
        "the folded " + original.file(),
        proto.toBuilder().setGraph(graph).build(),
        original.file(),
        nodes);
  }
}
