package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import dev.pleat.onnx.walk.Network;
import dev.pleat.onnx.walk.NetworkRun;
import java.util.Map;
import java.util.Objects;

/** One convolution of a network with another weight and without its bias. */
final class LayerOutput implements AutoCloseable {
  private static final String INPUT = "x";
  private static final String WEIGHT = "w";
  private static final String OUTPUT = "y";

  private final OnnxSession session;

  LayerOutput(NetworkRun run, int node, Tensor weight) {
    Network network = run.network();
    NodeProto.Builder layer =
        network.nodes().get(node).toBuilder()
            .clearInput()
            .addInput(INPUT)
            .addInput(WEIGHT)
            .clearOutput()
            .addOutput(OUTPUT);
    TypeProto.Tensor type =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE).build();
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("layer")
            .addNode(layer)
            .addInput(
                ValueInfoProto.newBuilder()
                    .setName(INPUT)
                    .setType(TypeProto.newBuilder().setTensorType(type)))
            .addInitializer(TensorEncoder.floats(WEIGHT, weight))
            .addOutput(ValueInfoProto.newBuilder().setName(OUTPUT));
    ModelProto model =
        network.proto().toBuilder()
            .clearMetadataProps()
            .setIrVersion(Math.max(network.proto().getIrVersion(), 4))
            .setGraph(graph)
            .build();
    session = OnnxSession.open(model, network.origin(), run.threads());
  }

  /** What the layer gives for an activation. */
  TensorValue.Floats run(TensorValue.Floats activation) {
    TensorValue value =
        Objects.requireNonNull(session.run(Map.of(INPUT, activation)).get(OUTPUT), OUTPUT);
    return ChannelStatistics.floats(value, OUTPUT);
  }

  @Override
  public void close() {
    session.close();
  }
}
