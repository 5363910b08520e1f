package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.Nodes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts other nodes and constants in the place of nodes and takes away what only those nodes read.
 * Each constant is a Constant node: file formats before IR 4 want initializers among the inputs.
 */
final class Pruning {
  private final GraphProto original;
  private final List<NodeProto> nodes;
  private final Map<String, TensorProto> made;

  private Pruning(GraphProto original, List<NodeProto> nodes, Map<String, TensorProto> made) {
    this.original = original;
    this.nodes = nodes;
    this.made = made;
  }

  /**
   * A graph with constants in the place of nodes.
   *
   * @param made by the name of the value that each replaces
   */
  static GraphProto with(GraphProto original, Map<String, TensorProto> made) {
    List<NodeProto> left =
        original.getNodeList().stream()
            .filter(node -> node.getOutputList().stream().noneMatch(made::containsKey))
            .toList();
    return new Pruning(original, left, made).graph();
  }

  /** A graph with other nodes. */
  static GraphProto with(GraphProto original, List<NodeProto> nodes) {
    return new Pruning(original, nodes, Map.of()).graph();
  }

  private GraphProto graph() {
    Set<String> before = new HashSet<>();
    original.getNodeList().forEach(node -> before.addAll(Nodes.reads(node)));
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
    Set<String> gone = new HashSet<>(before);
    gone.removeAll(needed);
    GraphProto.Builder graph = original.toBuilder().clearNode().clearInitializer().clearInput();
    new TreeMap<>(made).forEach((name, tensor) -> graph.addNode(Nodes.constant(name, tensor)));
    graph.addAllNode(left);
    Set<String> removed = new HashSet<>();
    for (TensorProto tensor : original.getInitializerList()) {
      if (gone.contains(tensor.getName())) {
        removed.add(tensor.getName());
      } else {
        graph.addInitializer(tensor);
      }
    }
    // Old formats list initializers among the inputs; what is left there alone would be asked for.
    original.getInputList().stream()
        .filter(input -> !removed.contains(input.getName()))
        .forEach(graph::addInput);
    return graph.build();
  }
}
