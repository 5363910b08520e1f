package dev.pleat.onnx.gradient;

import java.util.HashMap;
import java.util.Map;

/** Functions of several values, element by element, with broadcasting. */
final class ArithmeticGradients {
  private ArithmeticGradients() {}

  static Map<String, GradientRule> rules() {
    Map<String, GradientRule> rules = new HashMap<>();
    rules.put("Add", ArithmeticGradients::sum);
    rules.put("Sum", ArithmeticGradients::sum);
    rules.put("Sub", ArithmeticGradients::difference);
    rules.put("Mul", ArithmeticGradients::product);
    rules.put("Div", ArithmeticGradients::quotient);
    rules.put("Pow", ArithmeticGradients::power);
    rules.put("Max", ArithmeticGradients::extreme);
    rules.put("Min", ArithmeticGradients::extreme);
    rules.put("Where", ArithmeticGradients::choice);
    rules.put("Expand", node -> give(node, 0, node.gradient()));
    return rules;
  }

  private static void give(GradientNode node, int input, String gradient) {
    if (node.opset() < 7) {
      throw node.refuse("broadcasts as operator sets before 7 do");
    }
    node.give(input, Unbroadcast.back(node, input, gradient));
  }

  private static void sum(GradientNode node) {
    String gradient = node.gradient();
    for (int i = 0; i < node.inputs(); i++) {
      if (node.wants(i)) {
        give(node, i, gradient);
      }
    }
  }

  private static void difference(GradientNode node) {
    String gradient = node.gradient();
    if (node.wants(0)) {
      give(node, 0, gradient);
    }
    if (node.wants(1)) {
      give(node, 1, node.op("Neg", gradient));
    }
  }

  private static void product(GradientNode node) {
    String gradient = node.gradient();
    for (int i = 0; i < 2; i++) {
      if (node.wants(i)) {
        give(node, i, node.op("Mul", gradient, node.in(1 - i)));
      }
    }
  }

  private static void quotient(GradientNode node) {
    String share = node.op("Div", node.gradient(), node.in(1));
    if (node.wants(0)) {
      give(node, 0, share);
    }
    if (node.wants(1)) {
      give(node, 1, node.op("Neg", node.op("Mul", share, node.out())));
    }
  }

  private static void power(GradientNode node) {
    String exponent = node.floating(node.in(1));
    String below = node.op("Pow", node.in(0), node.op("Sub", exponent, node.scalar(1)));
    give(node, 0, node.op("Mul", node.gradient(), node.op("Mul", exponent, below)));
  }

  /** The first of the operands that the result equals takes the gradient. */
  private static void extreme(GradientNode node) {
    String rest = node.gradient();
    for (int i = 0; i < node.inputs(); i++) {
      String taken = node.op("Equal", node.in(i), node.out());
      if (node.wants(i)) {
        give(node, i, node.op("Where", taken, rest, node.zero()));
      }
      if (i < node.inputs() - 1) {
        rest = node.op("Where", taken, node.zero(), rest);
      }
    }
  }

  private static void choice(GradientNode node) {
    String gradient = node.gradient();
    if (node.wants(1)) {
      give(node, 1, node.op("Where", node.in(0), gradient, node.zero()));
    }
    if (node.wants(2)) {
      give(node, 2, node.op("Where", node.in(0), node.zero(), gradient));
    }
  }
}
