package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A classifier of the tests without its last classes. */
final class FewerClasses {
  private FewerClasses() {}

  /** Writes the network with the first classes only. */
  static void write(Path network, Path copy, int classes) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(network));
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = graph.getInitializer(i);
      if (tensor.getName().startsWith("head.")) {
        ByteString bytes = tensor.getRawData();
        int rows = (int) tensor.getDims(0);
        graph.setInitializer(
            i,
            tensor.toBuilder()
                .setDims(0, classes)
                .setRawData(bytes.substring(0, bytes.size() / rows * classes)));
      }
    }
    graph
        .getOutputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(1)
        .setDimValue(classes);
    Files.write(copy, model.toBuilder().setGraph(graph).build().toByteArray());
  }
}
