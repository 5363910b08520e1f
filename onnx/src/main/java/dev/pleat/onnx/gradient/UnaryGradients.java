package dev.pleat.onnx.gradient;

import dev.pleat.onnx.model.Attributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Activations and other functions of one value, element by element. */
final class UnaryGradients {
  private static final float TWO_OVER_ROOT_PI = (float) (2 / Math.sqrt(Math.PI));

  private UnaryGradients() {}

  static Map<String, GradientRule> rules() {
    Map<String, GradientRule> rules = new HashMap<>();
    rules.put("Relu", n -> n.give(0, n.where(n.op("Greater", n.out(), n.scalar(0)), n.zero())));
    rules.put("LeakyRelu", UnaryGradients::leakyRelu);
    rules.put("PRelu", UnaryGradients::parametricRelu);
    rules.put("Elu", UnaryGradients::elu);
    rules.put("Clip", UnaryGradients::clip);
    rules.put("HardSigmoid", UnaryGradients::hardSigmoid);
    rules.put("HardSwish", UnaryGradients::hardSwish);
    rules.put("Mish", UnaryGradients::mish);
    rules.put("Swish", UnaryGradients::swish);
    rules.put("Gelu", UnaryGradients::gelu);
    rules.put("Erf", n -> times(n, bell(n, n.in(0), -1, TWO_OVER_ROOT_PI)));
    rules.put("Sigmoid", n -> times(n, n.op("Sub", n.out(), n.square(n.out()))));
    rules.put("Tanh", n -> times(n, n.op("Sub", n.scalar(1), n.square(n.out()))));
    rules.put("Softplus", n -> times(n, n.op("Sigmoid", n.in(0))));
    rules.put("Exp", n -> times(n, n.out()));
    rules.put("Log", n -> n.give(0, n.op("Div", n.gradient(), n.in(0))));
    rules.put("Sqrt", n -> n.give(0, n.op("Div", n.scaled(n.gradient(), 0.5f), n.out())));
    rules.put("Reciprocal", n -> times(n, n.op("Neg", n.square(n.out()))));
    rules.put("Abs", n -> times(n, n.op("Sign", n.in(0))));
    rules.put("Neg", n -> n.give(0, n.op("Neg", n.gradient())));
    rules.put("Sin", n -> times(n, n.op("Cos", n.in(0))));
    rules.put("Cos", n -> times(n, n.op("Neg", n.op("Sin", n.in(0)))));
    return rules;
  }

  private static void times(GradientNode node, String derivative) {
    node.give(0, node.op("Mul", node.gradient(), derivative));
  }

  /** y has the sign of x where the slope is positive, but x is right for any slope. */
  private static void leakyRelu(GradientNode node) {
    String slope = node.scalar(node.real("alpha", 0.01f));
    node.give(
        0,
        node.where(
            node.op("Greater", node.in(0), node.scalar(0)),
            node.op("Mul", node.gradient(), slope)));
  }

  private static void parametricRelu(GradientNode node) {
    node.give(
        0,
        node.where(
            node.op("Greater", node.in(0), node.scalar(0)),
            node.op("Mul", node.gradient(), node.in(1))));
  }

  /** Below zero, y = α(eˣ − 1), so dy/dx = y + α. */
  private static void elu(GradientNode node) {
    String below = node.op("Add", node.out(), node.scalar(node.real("alpha", 1)));
    node.give(
        0,
        node.where(
            node.op("Greater", node.in(0), node.scalar(0)),
            node.op("Mul", node.gradient(), below)));
  }

  private static void clip(GradientNode node) {
    boolean attributes = node.opset() < 11;
    String x = node.in(0);
    String gradient = node.gradient();
    if (attributes || node.has(1)) {
      String least = attributes ? node.scalar(node.real("min", -Float.MAX_VALUE)) : node.in(1);
      gradient = node.op("Where", node.op("Greater", x, least), gradient, node.zero());
    }
    if (attributes || node.has(2)) {
      String most = attributes ? node.scalar(node.real("max", Float.MAX_VALUE)) : node.in(2);
      gradient = node.op("Where", node.op("Less", x, most), gradient, node.zero());
    }
    node.give(0, gradient);
  }

  private static void hardSigmoid(GradientNode node) {
    node.give(
        0,
        node.op(
            "Where",
            inside(node, node.out()),
            node.scaled(node.gradient(), node.real("alpha", 0.2f)),
            node.zero()));
  }

  private static String inside(GradientNode node, String y) {
    return node.op(
        "And", node.op("Greater", y, node.scalar(0)), node.op("Less", y, node.scalar(1)));
  }

  /** y = x·h(x) with h(x) = max(0, min(1, x/6 + 1/2)): dy/dx = h + x/6 where 0 < h < 1. */
  private static void hardSwish(GradientNode node) {
    String x = node.in(0);
    String gate =
        node.graph()
            .node(
                "HardSigmoid",
                List.of(x),
                Attributes.real("alpha", 1 / 6f),
                Attributes.real("beta", 0.5f));
    String slope = node.op("Where", inside(node, gate), node.scaled(x, 1 / 6f), node.zero());
    times(node, node.op("Add", gate, slope));
  }

  /** y = x·t with t = tanh(softplus(x)): dy/dx = t + x(1 − t²)·sigmoid(x). */
  private static void mish(GradientNode node) {
    String x = node.in(0);
    String t = node.op("Tanh", node.op("Softplus", x));
    String rest = node.op("Sub", node.scalar(1), node.square(t));
    String slope = node.op("Mul", x, node.op("Mul", rest, node.op("Sigmoid", x)));
    times(node, node.op("Add", t, slope));
  }

  /** y = x·s with s = sigmoid(αx): dy/dx = s + αx(s − s²). */
  private static void swish(GradientNode node) {
    String scaled = node.scaled(node.in(0), node.real("alpha", 1));
    String s = node.op("Sigmoid", scaled);
    String slope = node.op("Mul", scaled, node.op("Sub", s, node.square(s)));
    times(node, node.op("Add", s, slope));
  }

  /** Hendrycks and Gimpel, arXiv 1606.08415: y = xΦ(x), or its approximation by tanh. */
  private static void gelu(GradientNode node) {
    String x = node.in(0);
    if (node.text("approximate", "none").equals("none")) {
      String erf = node.op("Erf", node.scaled(x, (float) Math.sqrt(0.5)));
      String phi = node.scaled(node.op("Add", erf, node.scalar(1)), 0.5f);
      String density = bell(node, x, -0.5f, (float) (1 / Math.sqrt(2 * Math.PI)));
      times(node, node.op("Add", phi, node.op("Mul", x, density)));
      return;
    }
    float root = (float) Math.sqrt(2 / Math.PI);
    String square = node.square(x);
    String inner =
        node.op("Mul", x, node.op("Add", node.scaled(square, 0.044715f * root), node.scalar(root)));
    String t = node.op("Tanh", inner);
    String innerSlope =
        node.op("Add", node.scaled(square, 3 * 0.044715f * root), node.scalar(root));
    String slope =
        node.op(
            "Mul", node.op("Sub", node.scalar(1), node.square(t)), node.op("Mul", x, innerSlope));
    times(node, node.scaled(node.op("Add", node.op("Add", t, node.scalar(1)), slope), 0.5f));
  }

  /** factor · exp(exponent · x²). */
  private static String bell(GradientNode node, String x, float exponent, float factor) {
    return node.scaled(node.op("Exp", node.scaled(node.square(x), exponent)), factor);
  }
}
