package dev.pleat.onnx.run;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.ModelReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Models that ONNX Runtime 1.29 does not refuse but dies of, and with it this process: some
 * operators with a 16-bit weight that is a graph input as well, as exporters for file format
 * version 3 wrote it. Without that input, which only lets callers replace the weight, they run.
 */
final class FatalModels {
  private FatalModels() {}

  /** The model in a file as it can be run; empty where it runs as it is, or is no model. */
  static Optional<ModelProto> mended(Path file) {
    try {
      return Files.isRegularFile(file) ? mended(ModelReader.parse(file)) : Optional.empty();
    } catch (IOException noModel) {
      // The runtime says what is wrong with it.
      return Optional.empty();
    }
  }

  /** The model as it can be run; empty where it runs as it is. */
  static Optional<ModelProto> mended(ModelProto model) {
    Set<String> halves = new HashSet<>();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (tensor.getDataType() == TensorProto.DataType.FLOAT16_VALUE
          || tensor.getDataType() == TensorProto.DataType.BFLOAT16_VALUE) {
        halves.add(tensor.getName());
      }
    }
    GraphProto graph = model.getGraph();
    if (graph.getInputList().stream().noneMatch(input -> halves.contains(input.getName()))) {
      return Optional.empty();
    }
    ModelProto.Builder builder = model.toBuilder();
    builder
        .getGraphBuilder()
        .clearInput()
        .addAllInput(
            graph.getInputList().stream()
                .filter(input -> !halves.contains(input.getName()))
                .toList());
    return Optional.of(builder.build());
  }
}
