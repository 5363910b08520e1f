package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.run.TensorType;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Matrix products. */
final class MatrixGradients {
  private MatrixGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of("Gemm", MatrixGradients::gemm, "MatMul", MatrixGradients::matMul);
  }

  /** y = α A′B′ + β C, where A′ and B′ may be transposed. */
  private static void gemm(GradientNode node) {
    boolean transA = node.integer("transA", 0) != 0;
    boolean transB = node.integer("transB", 0) != 0;
    String g = node.gradient();
    AttributeProto alpha = Attributes.real("alpha", node.real("alpha", 1));
    if (node.wants(0)) {
      node.give(
          0,
          transA
              ? product(node, alpha, node.in(1), transB, g, true)
              : product(node, alpha, g, false, node.in(1), !transB));
    }
    if (node.wants(1)) {
      node.give(
          1,
          transB
              ? product(node, alpha, g, true, node.in(0), transA)
              : product(node, alpha, node.in(0), !transA, g, false));
    }
    if (node.wants(2)) {
      node.give(2, Unbroadcast.back(node, 2, node.scaled(g, node.real("beta", 1))));
    }
  }

  private static String product(
      GradientNode node, AttributeProto alpha, String a, boolean transA, String b, boolean transB) {
    return node.graph()
        .node(
            "Gemm",
            List.of(a, b),
            alpha,
            Attributes.integer("transA", transA ? 1 : 0),
            Attributes.integer("transB", transB ? 1 : 0));
  }

  /** Y = AB: dA = G Bᵀ and dB = Aᵀ G, summed over the batch axes that were repeated. */
  private static void matMul(GradientNode node) {
    // A vector takes part as a matrix of one row or one column.
    boolean row = node.rank(0) == 1;
    boolean column = node.rank(1) == 1;
    String gradient = node.gradient();
    gradient = column ? unsqueezed(node, gradient, -1) : gradient;
    gradient = row ? unsqueezed(node, gradient, -2) : gradient;
    if (node.wants(0)) {
      String right = column ? unsqueezed(node, node.in(1), -1) : node.in(1);
      String full = node.op("MatMul", gradient, transposed(node, right, Math.max(node.rank(1), 2)));
      give(node, 0, row, full, -2);
    }
    if (node.wants(1)) {
      String left = row ? unsqueezed(node, node.in(0), 0) : node.in(0);
      String full = node.op("MatMul", transposed(node, left, Math.max(node.rank(0), 2)), gradient);
      give(node, 1, column, full, -1);
    }
  }

  private static void give(
      GradientNode node, int input, boolean vector, String full, long vectorAxis) {
    String gradient = vector ? node.op("Squeeze", full, node.graph().constant(vectorAxis)) : full;
    boolean batches = !sameBatches(node, input);
    node.give(
        input,
        batches
            ? Unbroadcast.to(node, gradient, node.op("Shape", gradient), node.inShape(input))
            : gradient);
  }

  /** Whether the other operand certainly has no batch axes that this one lacks. */
  private static boolean sameBatches(GradientNode node, int input) {
    TensorType own = node.inType(input);
    TensorType other = node.inType(1 - input);
    int batches = other.shape().length - 2;
    for (int i = 0; i < batches; i++) {
      if (own.shape().length != other.shape().length
          || own.shape()[i] != other.shape()[i]
          || own.shape()[i] < 0
              && (own.symbols().get(i).isBlank()
                  || !own.symbols().get(i).equals(other.symbols().get(i)))) {
        return false;
      }
    }
    return true;
  }

  private static String unsqueezed(GradientNode node, String value, long axis) {
    return node.op("Unsqueeze", value, node.graph().constant(axis));
  }

  private static String transposed(GradientNode node, String matrix, int rank) {
    long[] axes = LongStream.range(0, rank).toArray();
    axes[rank - 1] = rank - 2L;
    axes[rank - 2] = rank - 1L;
    return node.graph().node("Transpose", List.of(matrix), Attributes.integers("perm", axes));
  }
}
