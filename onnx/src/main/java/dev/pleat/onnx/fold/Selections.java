package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.run.TensorValue;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Nodes that choose by comparing numbers, as detectors do at their ends: rounding alone may change
 * what they choose, and with it outputs as a whole. Two networks that should be the same up to
 * rounding are compared in what such nodes read, and behind them with the same choices.
 */
final class Selections {
  /** Operators that choose; what is beyond a comparison reaches the outputs through one of them. */
  private static final Set<String> CHOOSING =
      Set.of("ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "TopK", "Unique");

  /** Operators among them that read numbers, not the truth of comparisons. */
  private static final Map<String, Integer> NUMBERS_READ =
      Map.of("ArgMax", 1, "ArgMin", 1, "NonMaxSuppression", 2, "TopK", 1);

  private Selections() {}

  /** Whether a network chooses anything. */
  static boolean isIn(ModelProto model) {
    return model.getGraph().getNodeList().stream().anyMatch(Selections::chooses);
  }

  private static boolean chooses(NodeProto node) {
    return Nodes.isStandard(node) && (CHOOSING.contains(node.getOpType()) || choosesInside(node));
  }

  /**
   * Whether a body of an If, Loop or Scan chooses, as exporters write the last step of detectors.
   */
  private static boolean choosesInside(NodeProto node) {
    return node.getAttributeList().stream()
        .filter(AttributeProto::hasG)
        .anyMatch(body -> body.getG().getNodeList().stream().anyMatch(Selections::chooses));
  }

  /** The network with what it chooses, and by what, among its outputs. */
  static ModelProto observed(ModelProto model) {
    GraphProto graph = model.getGraph();
    Set<String> made = new HashSet<>();
    graph.getNodeList().forEach(node -> made.addAll(node.getOutputList()));
    Set<String> seen = new LinkedHashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      if (chooses(node)) {
        seen.addAll(read(node));
        seen.addAll(node.getOutputList());
      }
    }
    seen.retainAll(made);
    return showing(model, graph.toBuilder(), seen);
  }

  /**
   * The network with its choices as inputs instead.
   *
   * @param seen outputs of {@link #observed}
   */
  static ModelProto withChoices(ModelProto model, Map<String, TensorValue> seen) {
    GraphProto graph = model.getGraph();
    Map<String, TensorValue> choices = choices(model, seen);
    GraphProto.Builder rest = graph.toBuilder().clearNode();
    Set<String> made = new HashSet<>();
    Set<String> read = new LinkedHashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      if (chooses(node)) {
        read.addAll(read(node));
      } else {
        rest.addNode(node);
        made.addAll(node.getOutputList());
      }
    }
    choices.forEach((name, value) -> rest.addInput(input(name, value)));
    List<ValueInfoProto> outputs = graph.getOutputList();
    rest.clearOutput();
    outputs.stream()
        .filter(output -> !choices.containsKey(output.getName()))
        .forEach(rest::addOutput);
    read.retainAll(made);
    return showing(model, rest, read);
  }

  /** What a network chose. */
  static Map<String, TensorValue> choices(ModelProto model, Map<String, TensorValue> seen) {
    Map<String, TensorValue> choices = new LinkedHashMap<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (chooses(node)) {
        for (String name : node.getOutputList()) {
          if (seen.containsKey(name)) {
            choices.put(name, seen.get(name));
          }
        }
      }
    }
    return choices;
  }

  private static Collection<String> read(NodeProto node) {
    if (choosesInside(node)) {
      return Nodes.captured(node);
    }
    int count = NUMBERS_READ.getOrDefault(node.getOpType(), 0);
    return node.getInputList().subList(0, Math.min(count, node.getInputCount()));
  }

  private static ModelProto showing(
      ModelProto model, GraphProto.Builder graph, Set<String> values) {
    Set<String> shown = new HashSet<>();
    graph.getOutputList().forEach(output -> shown.add(output.getName()));
    values.stream()
        .filter(name -> !name.isEmpty() && shown.add(name))
        .forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    return model.toBuilder().setGraph(graph).build();
  }

  private static ValueInfoProto input(String name, TensorValue value) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    // Open sizes, as they were: what is read from nothing chosen need not fit what is said of it.
    for (int axis = 0; axis < value.shape().length; axis++) {
      shape.addDimBuilder();
    }
    TensorProto.DataType type =
        value instanceof TensorValue.Floats
            ? TensorProto.DataType.FLOAT
            : TensorProto.DataType.INT64;
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }
}
