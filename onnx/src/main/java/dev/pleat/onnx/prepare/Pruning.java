package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts constants in the place of nodes and takes away what only those nodes read. Each is a
 * Constant node: file formats before IR 4 want initializers among the inputs.
 */
final class Pruning {
  private final GraphProto original;
  private final Map<String, TensorProto> made;

  /**
   * A graph and its new constants.
   *
   * @param made by the name of the value that each replaces
   */
  Pruning(GraphProto original, Map<String, TensorProto> made) {
    this.original = original;
    this.made = made;
  }

  GraphProto graph() {
    List<NodeProto> nodes = new ArrayList<>();
    Set<String> before = new HashSet<>();
    for (NodeProto node : original.getNodeList()) {
      before.addAll(Nodes.reads(node));
      if (node.getOutputList().stream().noneMatch(made::containsKey)) {
        nodes.add(node);
      }
    }
    Set<String> read = new HashSet<>();
    original.getOutputList().forEach(output -> read.add(output.getName()));
    List<NodeProto> left = nodes;
    List<NodeProto> kept;
    do {
      kept = left;
      Set<String> needed = new HashSet<>(read);
      kept.forEach(node -> needed.addAll(Nodes.reads(node)));
      // What nothing read before is not ours to remove.
      left =
          kept.stream()
              .filter(node ->
                  node.getOutputList().stream()
                      .anyMatch(output -> needed.contains(output) || !before.contains(output)))
              .toList();
    } while (left.size() < kept.size());
    Set<String> needed = new HashSet<>(read);
    left.forEach(node -> needed.addAll(Nodes.reads(node)));
    GraphProto.Builder graph = original.toBuilder().clearNode().clearInitializer();
    new TreeMap<>(made).forEach((name, tensor) -> graph.addNode(Nodes.constant(name, tensor)));
    graph.addAllNode(left);
    original.getInitializerList().stream()
        .filter(tensor -> needed.contains(tensor.getName()) || !before.contains(tensor.getName()))
        .forEach(graph::addInitializer);
    return graph.build();
  }
}
