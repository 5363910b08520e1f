package dev.pleat.onnx.walk;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Some consecutive nodes of a network as a model of their own.
 *
 * @param model the model; its inputs and outputs are activations
 * @param inputs activations that it reads
 * @param outputs activations that it makes and that are read after it
 */
record Segment(ModelProto model, List<String> inputs, List<String> outputs) {

  /**
   * The nodes {@code from} to {@code to}, excluded, that depend on the network's inputs.
   *
   * @param weights constants that have other values than the network's, by the edge that reads them
   * @param declared what is known so far of activations, by name
   */
  static Segment of(
      Network network,
      int from,
      int to,
      WeightOverrides weights,
      Map<String, ValueInfoProto> declared) {
    List<NodeProto> body = new ArrayList<>();
    Set<String> made = new HashSet<>();
    Set<String> inputs = new LinkedHashSet<>();
    Set<String> outputs = new LinkedHashSet<>();
    List<TensorProto> changed = new ArrayList<>();
    for (int n = from; n < to; n++) {
      if (!network.isActive(n)) {
        continue;
      }
      NodeProto own = network.nodes().get(n);
      List<NodeProto> parts = new ArrayList<>(network.before(n));
      parts.add(own);
      for (NodeProto node : parts) {
        for (String value : Nodes.reads(node)) {
          if (network.isActive(value) && !made.contains(value)) {
            inputs.add(value);
          }
        }
        for (String output : node.getOutputList()) {
          made.add(output);
          if (network.isReadFrom(output, to)) {
            outputs.add(output);
          }
        }
      }
      body.addAll(network.before(n));
      body.add(weights.applyTo(own, n, changed));
    }
    Network.Constants constants = network.constants(body);
    List<NodeProto> nodes = new ArrayList<>();
    constants.nodes().forEach(n -> nodes.add(weights.applyTo(network.nodes().get(n), n, changed)));
    nodes.addAll(body);
    GraphProto.Builder graph = GraphProto.newBuilder().setName("segment");
    graph.addAllNode(nodes).addAllInitializer(constants.initializers());
    Set<String> names = new HashSet<>();
    changed.stream().filter(t -> names.add(t.getName())).forEach(graph::addInitializer);
    inputs.forEach(name -> graph.addInput(declared.get(name)));
    outputs.forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
    ModelProto model =
        network.proto().toBuilder()
            .clearMetadataProps()
            .setIrVersion(Math.max(network.proto().getIrVersion(), 4))
            .setGraph(graph)
            .build();
    return new Segment(model, List.copyOf(inputs), List.copyOf(outputs));
  }
}
