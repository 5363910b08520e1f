package dev.pleat.onnx.trace;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operators that work element by element. */
final class ElementwiseRules {
  private static final List<String> UNARY =
      List.of(
          "Abs",
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "BitwiseNot",
          "Cast",
          "CastLike",
          "Ceil",
          "Celu",
          "Clip",
          "Cos",
          "Cosh",
          "Dropout",
          "Elu",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Log",
          "Mish",
          "Neg",
          "Not",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Swish",
          "Tan",
          "Tanh",
          "ThresholdedRelu",
          "com.microsoft:Gelu",
          "com.microsoft:QuickGelu");

  private static final List<String> N_ARY =
      List.of(
          "Add",
          "And",
          "BitShift",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "Div",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Max",
          "Mean",
          "Min",
          "Mod",
          "Mul",
          "Or",
          "PRelu",
          "Pow",
          "Sub",
          "Sum",
          "Where",
          "Xor",
          "com.microsoft:BiasGelu",
          "com.microsoft:FastGelu");

  private ElementwiseRules() {}

  static Map<String, OpRule> rules() {
    Map<String, OpRule> rules = new HashMap<>();
    UNARY.forEach(op -> rules.put(op, ElementwiseRules::unary));
    N_ARY.forEach(op -> rules.put(op, ElementwiseRules::combine));
    return rules;
  }

  /** Further inputs are scalars: bounds, a ratio, a training flag. */
  private static void unary(NodeContext node) {
    Value x = node.in(0);
    for (int i = 0; i < node.outputCount(); i++) {
      node.out(
          i, new Value(x.ranked(), x.dims(), x.labels(), x.source(), java.util.Optional.empty()));
    }
  }

  private static void combine(NodeContext node) {
    List<Value> operands = node.inputs();
    if (!operands.stream().allMatch(Value::ranked)) {
      node.freezeInputs("combines it with a value of unknown shape");
      return;
    }
    boolean slope = node.node().getOpType().equals("PRelu") && node.opset() < 7;
    Broadcast result = Broadcast.of(node, slope ? channelSlope(operands) : operands, "combines");
    node.out(0, result.dims(), result.labels());
  }

  /**
   * Before operator set 7 a PRelu slope of C elements stood for the channels, not for the last
   * axis.
   */
  private static List<Value> channelSlope(List<Value> operands) {
    Value x = operands.get(0);
    Value slope = operands.get(1);
    if (slope.rank() != 1 || x.rank() < 2) {
      return operands;
    }
    long[] dims = new long[x.rank() - 1];
    java.util.Arrays.fill(dims, 1);
    Label[] labels = Value.none(dims.length);
    dims[0] = slope.dim(0);
    labels[0] = slope.label(0);
    return List.of(x, Value.of(dims, labels).from(slope.source()));
  }
}
