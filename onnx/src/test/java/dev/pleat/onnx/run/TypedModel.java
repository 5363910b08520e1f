package dev.pleat.onnx.run;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Models with inputs of any type and any open dimension. */
final class TypedModel {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");

  /** An input; dimensions are numbers, or names of open ones. */
  TypedModel input(String name, DataType type, String... dimensions) {
    graph.addInput(value(name, type, List.of(dimensions)));
    return this;
  }

  /** A node that makes one output of open shape. */
  TypedModel output(String op, String name, DataType type, String... inputs) {
    graph.addNode(
        NodeProto.newBuilder().setOpType(op).addAllInput(List.of(inputs)).addOutput(name));
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber()))));
    return this;
  }

  /** The message so far, open to changes. */
  GraphProto.Builder proto() {
    return graph;
  }

  Path write(Path file) {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    try {
      return Files.write(file, model.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ValueInfoProto value(String name, DataType type, List<String> dimensions) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String dimension : dimensions) {
      TensorShapeProto.Dimension.Builder size = shape.addDimBuilder();
      if (dimension.matches("[0-9]+")) {
        size.setDimValue(Long.parseLong(dimension));
      } else if (!dimension.isEmpty()) {
        size.setDimParam(dimension);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }
}
