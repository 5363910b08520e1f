package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Emits nodes into a graph of operator set {@value #OPSET}, naming every value itself. */
public final class GraphWriter {
  /** The standard operator set that nodes are of. */
  public static final int OPSET = 22;

  private static final int IR_VERSION = 10;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("backward");
  private final Set<String> inputs = new HashSet<>();
  private final Map<List<Long>, String> vectors = new HashMap<>();
  private final String prefix;
  private int fresh;

  /** An empty graph whose own names begin with a prefix that no other name has. */
  GraphWriter(String prefix) {
    this.prefix = prefix;
  }

  /**
   * Adds a node of one output.
   *
   * @param inputs values of this graph, an empty name for an optional input that is not given
   * @return the output's name
   */
  public String node(String op, List<String> inputs, AttributeProto... attributes) {
    return nodes(op, inputs, 1, attributes).getFirst();
  }

  /** Adds a node of several outputs and gives their names. */
  public List<String> nodes(
      String op, List<String> inputs, int outputs, AttributeProto... attributes) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      names.add(name(op));
    }
    graph.addNode(
        NodeProto.newBuilder()
            .setName(names.getFirst())
            .setOpType(op)
            .addAllInput(inputs)
            .addAllOutput(names)
            .addAllAttribute(List.of(attributes)));
    return names;
  }

  private String name(String what) {
    return prefix + what + "_" + fresh++;
  }

  /** A float vector. */
  public String constant(float... values) {
    return constant(new Tensor(new int[] {values.length}, values));
  }

  /** An INT64 vector. */
  public String constant(long... values) {
    return vectors.computeIfAbsent(
        Arrays.stream(values).boxed().toList(), v -> constant(TensorEncoder.vector("", values)));
  }

  /** A float tensor. */
  public String constant(Tensor tensor) {
    return constant(TensorEncoder.floats("", tensor));
  }

  /** A single float, without dimensions. */
  public String scalar(float value) {
    return constant(new Tensor(new int[0], new float[] {value}));
  }

  /** A tensor under a fresh name. */
  String constant(TensorProto tensor) {
    String name = name("constant");
    graph.addInitializer(tensor.toBuilder().setName(name));
    return name;
  }

  /**
   * Adds a graph input.
   *
   * @param shape dimensions, −1 for an open one
   * @return the name
   * @throws IllegalArgumentException when there is an input of this name already
   */
  public String input(String name, TensorProto.DataType type, long... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (long size : shape) {
      TensorShapeProto.Dimension.Builder dim = dims.addDimBuilder();
      if (size >= 0) {
        dim.setDimValue(size);
      }
    }
    TypeProto.Tensor tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(dims).build();
    input(
        ValueInfoProto.newBuilder()
            .setName(name)
            .setType(TypeProto.newBuilder().setTensorType(tensor))
            .build());
    return name;
  }

  /** Adds a graph input that is what another model's output is inferred to be. */
  void input(TensorType type) {
    input(type.declaration());
  }

  private void input(ValueInfoProto input) {
    if (!inputs.add(input.getName())) {
      throw new IllegalArgumentException(
          "the backward graph already has an input " + input.getName());
    }
    graph.addInput(input);
  }

  /** a + b, broadcasting. */
  public String add(String a, String b) {
    return node("Add", List.of(a, b));
  }

  /** a · b, broadcasting. */
  public String mul(String a, String b) {
    return node("Mul", List.of(a, b));
  }

  /** A value as floats. */
  String floating(String value) {
    return node("Cast", List.of(value), Attributes.integer("to", TensorProto.DataType.FLOAT_VALUE));
  }

  /**
   * scale · x + offset for each channel (axis 1): a normalisation by mean 0 and variance 1, which
   * runs faster than a product and a sum that broadcast.
   *
   * @param scale a vector of one element for each channel
   * @param offset likewise
   */
  String affine(String x, String scale, String offset) {
    String shape = node("Shape", List.of(scale));
    return node(
        "BatchNormalization",
        List.of(
            x,
            scale,
            offset,
            node("Expand", List.of(scalar(0), shape)),
            node("Expand", List.of(scalar(1), shape))),
        Attributes.real("epsilon", 0));
  }

  /** The graph so far as a model that gives some of its values. */
  ModelProto model(List<String> outputs) {
    GraphProto.Builder complete = graph.clone();
    outputs.forEach(output -> complete.addOutput(ValueInfoProto.newBuilder().setName(output)));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("pleat")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPSET))
        .setGraph(complete)
        .build();
  }
}
