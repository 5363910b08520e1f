package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.run.TensorType;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One node as its rule sees it: gradients of its outputs, and where its inputs' gradients go. */
final class GradientNode {
  private final BackwardPass.Builder pass;
  private final NodeProto node;
  private final Set<String> active;
  private final Set<Integer> read = new HashSet<>();
  private final Set<Integer> given = new HashSet<>();

  /** The node, once all its readers have been differentiated. */
  GradientNode(BackwardPass.Builder pass, NodeProto node, Set<String> active) {
    this.pass = pass;
    this.node = node;
    this.active = active;
    for (String output : node.getOutputList()) {
      if (active.contains(output)
          && pass.type(output).element() != TensorProto.DataType.FLOAT_VALUE
          && !node.getOpType().equals("Cast")) {
        throw refuse("does not compute in FLOAT");
      }
    }
  }

  /**
   * Checks that the rule took every gradient there is and gave one to every input that wants it.
   *
   * @throws UnsupportedGradient when it left something out
   */
  void checkComplete() {
    for (int i = 0; i < outputs(); i++) {
      if (!read.contains(i) && pass.gradient(node.getOutput(i)).isPresent()) {
        throw refuse("has a loss on its output '%s'".formatted(node.getOutput(i)));
      }
    }
    for (int i = 0; i < inputs(); i++) {
      if (wants(i) && !given.contains(i)) {
        throw refuse("has an operand '%s' that is no constant".formatted(node.getInput(i)));
      }
    }
  }

  NodeProto node() {
    return node;
  }

  GraphWriter graph() {
    return pass.graph();
  }

  long opset() {
    return pass.model().opset();
  }

  UnsupportedGradient refuse(String why) {
    return new UnsupportedGradient(node, why);
  }

  /** The gradient of output 0. */
  String gradient() {
    return gradient(0).orElseThrow(() -> refuse("has a loss on a further output only"));
  }

  /** The gradient of an output, empty where the loss does not depend on it. */
  Optional<String> gradient(int output) {
    read.add(output);
    return pass.gradient(node.getOutput(output));
  }

  int inputs() {
    return node.getInputCount();
  }

  int outputs() {
    return node.getOutputCount();
  }

  boolean has(int input) {
    return input < node.getInputCount() && !node.getInput(input).isEmpty();
  }

  /** Whether an input is there and depends on what is differentiated. */
  boolean wants(int input) {
    return has(input) && active.contains(node.getInput(input));
  }

  void give(int input, String gradient) {
    given.add(input);
    pass.seed(node.getInput(input), gradient);
  }

  /** The value of an input in the backward graph. */
  String in(int input) {
    return pass.saved(node.getInput(input));
  }

  /** The value of output 0 in the backward graph. */
  String out() {
    return pass.saved(node.getOutput(0));
  }

  /** The dimensions of an input as far as they are known, −1 for an open one. */
  TensorType inType(int input) {
    return type(node.getInput(input));
  }

  TensorType outType(int output) {
    return type(node.getOutput(output));
  }

  private TensorType type(String value) {
    Optional<Constant> constant = pass.constant(value);
    if (constant.isEmpty()) {
      return pass.type(value);
    }
    long[] shape = Arrays.stream(constant.get().shape()).asLongStream().toArray();
    return new TensorType(
        value,
        TensorType.Kind.FLOAT,
        constant.get().proto().getDataType(),
        shape,
        Collections.nCopies(shape.length, ""));
  }

  /** The rank of an input, which has dimensions. */
  int rank(int input) {
    int rank = inType(input).shape().length;
    if (rank == 0) {
      throw refuse("works on a value of unknown rank");
    }
    return rank;
  }

  /** The shape of an input in the backward graph. */
  String inShape(int input) {
    return pass.constant(node.getInput(input)).isPresent()
        ? graph().constant(inType(input).shape())
        : pass.shape(node.getInput(input));
  }

  String outShape(int output) {
    return pass.shape(node.getOutput(output));
  }

  /** The float constant that an input is. */
  Optional<Tensor> constant(int input) {
    return has(input)
        ? pass.constant(node.getInput(input))
            .filter(Constant::isFloat)
            .map(c -> new Tensor(c.shape(), pass.model().floats(c)))
        : Optional.empty();
  }

  /** The integers of a constant input or, in older operator sets, of the attribute. */
  Optional<long[]> integers(int input, String attribute) {
    return has(input)
        ? pass.constant(node.getInput(input)).flatMap(c -> pass.model().integers(c.name()))
        : Nodes.integers(node, attribute);
  }

  /** Whether an input is the constant false. */
  boolean isFalse(int input) {
    return pass.constant(node.getInput(input))
        .map(Constant::proto)
        .filter(tensor -> tensor.getInt32DataList().stream().allMatch(value -> value == 0))
        .filter(tensor -> tensor.getRawData().isEmpty() || tensor.getRawData().byteAt(0) == 0)
        .isPresent();
  }

  long integer(String name, long absent) {
    return Nodes.integer(node, name, absent);
  }

  String op() {
    return node.getOpType();
  }

  Optional<float[]> reals(String name) {
    return Nodes.attribute(node, name)
        .map(attribute -> {
          float[] values = new float[attribute.getFloatsCount()];
          for (int i = 0; i < values.length; i++) {
            values[i] = attribute.getFloats(i);
          }
          return values;
        });
  }

  float real(String name, float absent) {
    return Nodes.real(node, name, absent);
  }

  String text(String name, String absent) {
    return Nodes.text(node, name, absent);
  }

  /** Adds a node without attributes to the backward graph and gives its output. */
  String op(String op, String... inputs) {
    return graph().node(op, List.of(inputs));
  }

  String scalar(float value) {
    return graph().scalar(value);
  }

  String zero() {
    return scalar(0);
  }

  String scaled(String value, float factor) {
    return factor == 1 ? value : op("Mul", value, scalar(factor));
  }

  String square(String value) {
    return op("Mul", value, value);
  }

  /** The gradient of output 0 where the mask holds, and another value elsewhere. */
  String where(String mask, String otherwise) {
    return op("Where", mask, gradient(), otherwise);
  }

  String floating(String value) {
    return graph().floating(value);
  }

  String cast(String value, int element) {
    return graph().node("Cast", List.of(value), Attributes.integer("to", element));
  }

  /** One size of an input as an INT64 vector of one element. */
  String size(int input, int axis) {
    long size = inType(input).shape()[axis];
    return size >= 0
        ? graph().constant(size)
        : op("Gather", inShape(input), graph().constant((long) axis));
  }

  /** Zeros of this shape. */
  String zeros(String shape) {
    return op("Expand", zero(), shape);
  }

  /** An axis that an attribute counts from either end. */
  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw refuse("names axis %d of %d".formatted(axis, rank));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
