package dev.pleat.cli;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.ModelWriter;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Fuses each batch normalisation into the convolution before it, as exporters do. */
final class FusedNetwork {
  private final OnnxModel model;
  private final Map<String, String> sources = new HashMap<>();

  private FusedNetwork(OnnxModel model) {
    this.model = model;
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("Identity")) {
        sources.put(node.getOutput(0), node.getInput(0));
      }
    }
  }

  /** Writes the fused network to a file. */
  static Path write(Path input, Path output) {
    OnnxModel model = ModelReader.read(input);
    ModelWriter.write(model, new FusedNetwork(model).fused(), output);
    return output;
  }

  private float[] values(String name) {
    return model.floats(model.constant(sources.getOrDefault(name, name)));
  }

  private ModelProto fused() {
    Map<String, NodeProto> normalizations = new HashMap<>();
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("BatchNormalization")) {
        normalizations.put(node.getInput(0), node);
      }
    }
    GraphProto.Builder graph = model.graph().toBuilder().clearNode();
    Set<String> gone = new HashSet<>();
    for (NodeProto node : model.nodes()) {
      NodeProto norm = normalizations.get(node.getOutput(0));
      if (node.getOpType().equals("Conv") && norm != null) {
        graph.addNode(fused(node, norm, graph));
        gone.add(norm.getOutput(0));
      } else if (!gone.contains(node.getOutput(0))) {
        graph.addNode(node);
      }
    }
    return model.proto().toBuilder().setGraph(graph).build();
  }

  private NodeProto fused(NodeProto conv, NodeProto norm, GraphProto.Builder graph) {
    float[] scale = values(norm.getInput(1));
    float[] bias = values(norm.getInput(2)).clone();
    float[] mean = values(norm.getInput(3));
    float[] variance = values(norm.getInput(4));
    int[] shape = model.constant(conv.getInput(1)).shape();
    float[] weight = values(conv.getInput(1)).clone();
    int length = weight.length / shape[0];
    for (int c = 0; c < shape[0]; c++) {
      double factor = scale[c] / Math.sqrt(variance[c] + Nodes.real(norm, "epsilon", 1e-5f));
      for (int i = c * length; i < (c + 1) * length; i++) {
        weight[i] = (float) (weight[i] * factor);
      }
      bias[c] = (float) (bias[c] - mean[c] * factor);
    }
    String name = norm.getOutput(0);
    graph.addInitializer(TensorEncoder.floats(name + ".weight", new Tensor(shape, weight)));
    graph.addInitializer(
        TensorEncoder.floats(name + ".bias", new Tensor(new int[] {shape[0]}, bias)));
    return conv.toBuilder()
        .clearInput()
        .addAllInput(List.of(conv.getInput(0), name + ".weight", name + ".bias"))
        .setOutput(0, name)
        .build();
  }
}
