package dev.pleat.onnx.eval;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model that takes 1 × 1 × C images and says that the brightest pixel is the class. */
final class PixelClassifier {
  private PixelClassifier() {}

  /** Logits are {@code scale · pixel}; batch 0 leaves it open; softmax makes probabilities. */
  static Path write(Path file, int batch, int classes, float scale, boolean softmax) {
    TensorProto.Builder weight =
        TensorProto.newBuilder().setName("w").setDataType(1).addDims(classes).addDims(classes);
    for (int i = 0; i < classes * classes; i++) {
      weight.addFloatData(i % (classes + 1) == 0 ? scale : 0);
    }
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addInitializer(weight)
            .addInput(value("image", batch, 1, 1, classes))
            .addOutput(value("out", batch, classes))
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Flatten")
                    .addInput("image")
                    .addOutput("flat")
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("axis")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(1)))
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("MatMul")
                    .addInput("flat")
                    .addInput("w")
                    .addOutput(softmax ? "logits" : "out"));
    if (softmax) {
      graph.addNode(
          NodeProto.newBuilder().setOpType("Softmax").addInput("logits").addOutput("out"));
    }
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

  private static ValueInfoProto value(String name, int batch, int... sizes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    TensorShapeProto.Dimension.Builder first = TensorShapeProto.Dimension.newBuilder();
    shape.addDim(batch == 0 ? first.setDimParam("N") : first.setDimValue(batch));
    for (int size : sizes) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }
}
