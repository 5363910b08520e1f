package dev.pleat.onnx.network;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.pleat.onnx.model.Attributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes ONNX graphs by hand. */
public final class Graph {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private final int opset;
  private int names;

  /** An empty graph of this operator set. */
  public Graph(int opset) {
    this.opset = opset;
  }

  /** A float graph input; a negative size is left open. */
  public String input(String name, long... shape) {
    graph.addInput(info(name, shape));
    return name;
  }

  /** A float graph output of open shape. */
  public Graph output(String name) {
    graph.addOutput(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(
                ai.onnx.proto.OnnxMl.TypeProto.newBuilder()
                    .setTensorType(
                        ai.onnx.proto.OnnxMl.TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.FLOAT_VALUE))));
    return this;
  }

  /** A float initializer. */
  public String floats(String name, float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addAllDims(java.util.Arrays.stream(shape).boxed().toList())
            .setRawData(ByteString.copyFrom(bytes)));
    return name;
  }

  /** An INT64 vector initializer. */
  public String longs(String name, long... values) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(values.length);
    for (long value : values) {
      tensor.addInt64Data(value);
    }
    graph.addInitializer(tensor);
    return name;
  }

  /** A node with one output, whose name is returned. */
  public String node(String op, List<String> inputs, AttributeProto... attributes) {
    String output = op.toLowerCase(java.util.Locale.ROOT) + "_out_" + names++;
    node(op, inputs, List.of(output), attributes);
    return output;
  }

  /** A node with given outputs. */
  public void node(
      String op, List<String> inputs, List<String> outputs, AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(op)
            .setName(op + "." + outputs.getFirst())
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
  }

  /** An integer attribute. */
  public static AttributeProto integer(String name, long value) {
    return Attributes.integer(name, value);
  }

  /** An integer list attribute. */
  public static AttributeProto integers(String name, long... values) {
    return Attributes.integers(name, values);
  }

  /** The message so far, open to changes. */
  public GraphProto.Builder proto() {
    return graph;
  }

  /** The model. */
  public ModelProto model() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("pleat tests")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build();
  }

  /** Writes the model. */
  public Path write(Path file) {
    try {
      Files.write(file, model().toByteArray());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ValueInfoProto info(String name, long... shape) {
    var dims = ai.onnx.proto.OnnxMl.TensorShapeProto.newBuilder();
    for (long size : shape) {
      if (size < 0) {
        dims.addDimBuilder().setDimParam("batch");
      } else {
        dims.addDimBuilder().setDimValue(size);
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            ai.onnx.proto.OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    ai.onnx.proto.OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(dims)))
        .build();
  }
}
