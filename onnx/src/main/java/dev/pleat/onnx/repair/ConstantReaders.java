package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.trace.Edge;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.trace.Use;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which constant a node reads at an input, through nodes that only pass constants on. */
final class ConstantReaders {
  private final Network network;
  private final Map<String, List<Edge>> readers = new HashMap<>();
  private final Map<Edge, String> useAt = new HashMap<>();
  private final Map<String, List<Edge>> edgesOf = new HashMap<>();

  ConstantReaders(Network network, Trace trace) {
    this.network = network;
    List<NodeProto> nodes = network.nodes();
    for (int n = 0; n < nodes.size(); n++) {
      for (int i = 0; i < nodes.get(n).getInputCount(); i++) {
        readers
            .computeIfAbsent(nodes.get(n).getInput(i), name -> new ArrayList<>())
            .add(new Edge(n, i));
      }
    }
    trace
        .uses()
        .forEach((name, use) -> {
          List<Edge> active = new ArrayList<>();
          // A vector has a use for each reader, anything else one for all.
          (isVector(use.constant())
                  ? List.of(use.edge())
                  : readers.getOrDefault(use.constant().name(), List.of()))
              .forEach(edge -> follow(edge, active));
          active.forEach(edge -> useAt.put(edge, name));
          edgesOf.put(name, active);
        });
  }

  private static boolean isVector(Constant constant) {
    return constant.elements() == Arrays.stream(constant.shape()).max().orElse(1);
  }

  private void follow(Edge edge, List<Edge> active) {
    if (edge.node() >= network.nodes().size()) {
      return;
    }
    NodeProto node = network.nodes().get(edge.node());
    boolean passes = node.getOutputList().stream().noneMatch(network::isActive);
    if (!passes) {
      active.add(edge);
      return;
    }
    for (String output : node.getOutputList()) {
      readers.getOrDefault(output, List.of()).forEach(next -> follow(next, active));
    }
  }

  /** The use that a node which runs reads at an input. */
  Optional<String> useAt(int node, int input) {
    return Optional.ofNullable(useAt.get(new Edge(node, input)));
  }

  /** Where nodes that run read a use. */
  List<Edge> edges(String use) {
    return edgesOf.getOrDefault(use, List.of());
  }

  /** Whether a node reads the constant of a use itself and is the only one to read this use. */
  boolean isOwn(Use use, Edge edge) {
    return use.edge().equals(edge);
  }
}
