package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.run.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One node as its rule sees it: gradients of its outputs, and where its inputs' gradients go. */
final class GradientNode {
  private final BackwardPass.Builder pass;
  private final NodeProto node;
  private final Set<String> active;

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
    return gradient(0).orElseThrow(() -> refuse("has a loss only on a further output"));
  }

  /** The gradient of an output, empty where the loss does not depend on it. */
  Optional<String> gradient(int output) {
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
    long[] shape = java.util.Arrays.stream(constant.get().shape()).asLongStream().toArray();
    return new TensorType(
        value,
        TensorType.Kind.FLOAT,
        constant.get().proto().getDataType(),
        shape,
        java.util.Collections.nCopies(shape.length, ""));
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

  long integer(String name, long absent) {
    return Nodes.integer(node, name, absent);
  }

  String op(String op, String... inputs) {
    return graph().node(op, List.of(inputs));
  }
}
