package dev.pleat.onnx.model;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the attributes of nodes. */
public final class Nodes {
  private static final Set<String> VIEWS =
      Set.of(
          "Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand");

  private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");

  private Nodes() {}

  /** Whether the node's operator is of the standard domain. */
  public static boolean isStandard(NodeProto node) {
    return node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
  }

  /**
   * Whether the node's operator shows a constant in another shape or type, so that folding can see
   * through it.
   */
  public static boolean isView(NodeProto node) {
    return isStandard(node) && VIEWS.contains(node.getOpType());
  }

  /** Whether the node is a recurrent layer of the standard domain. */
  public static boolean isRecurrent(NodeProto node) {
    return isStandard(node) && RECURRENT.contains(node.getOpType());
  }

  /** How messages call a node: its operator and its name, or its first output where it has none. */
  public static String describe(NodeProto node) {
    String name = node.getName();
    if (name.isEmpty() && node.getOutputCount() > 0) {
      name = node.getOutput(0);
    }
    return "%s '%s'".formatted(node.getOpType(), name);
  }

  /** The attribute of this name. */
  public static Optional<AttributeProto> attribute(NodeProto node, String name) {
    return node.getAttributeList().stream().filter(a -> a.getName().equals(name)).findFirst();
  }

  /** An integer attribute. */
  public static long integer(NodeProto node, String name, long absent) {
    return attribute(node, name).map(AttributeProto::getI).orElse(absent);
  }

  /** A float attribute. */
  public static float real(NodeProto node, String name, float absent) {
    return attribute(node, name).map(AttributeProto::getF).orElse(absent);
  }

  /** A string attribute. */
  public static String text(NodeProto node, String name, String absent) {
    return attribute(node, name).map(a -> a.getS().toStringUtf8()).orElse(absent);
  }

  /** An integer list attribute. */
  public static Optional<long[]> integers(NodeProto node, String name) {
    return attribute(node, name)
        .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).toArray());
  }

  /** Names that the node's subgraphs read from the graph around them. */
  public static Set<String> captured(NodeProto node) {
    Set<String> captured = new HashSet<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        captured.addAll(free(attribute.getG()));
      }
      attribute.getGraphsList().forEach(graph -> captured.addAll(free(graph)));
    }
    return captured;
  }

  private static Set<String> free(GraphProto graph) {
    Set<String> used = new HashSet<>();
    Set<String> bound = new HashSet<>();
    graph.getInputList().forEach(input -> bound.add(input.getName()));
    graph.getInitializerList().forEach(tensor -> bound.add(tensor.getName()));
    for (NodeProto node : graph.getNodeList()) {
      used.addAll(node.getInputList());
      used.addAll(captured(node));
      bound.addAll(node.getOutputList());
    }
    graph.getOutputList().forEach(output -> used.add(output.getName()));
    used.removeAll(bound);
    used.remove("");
    return used;
  }

  /** A node that gives a constant. */
  public static NodeProto constant(String name, TensorProto tensor) {
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .setName(name)
        .addOutput(name)
        .addAttribute(Attributes.tensor("value", tensor))
        .build();
  }

  /** Nodes that read a value, its own subgraphs counted. */
  public static List<String> reads(NodeProto node) {
    Set<String> reads = new HashSet<>(node.getInputList());
    reads.addAll(captured(node));
    reads.remove("");
    return List.copyOf(reads);
  }
}
