package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Set;

/** Operators whose weights or activations are integers that stand for fractions. */
public final class Quantised {
  private static final Set<String> OPERATORS =
      Set.of(
          "ConvInteger",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "DynamicQuantizeLSTM",
          "DynamicQuantizeMatMul",
          "GatherBlockQuantized",
          "MatMulBnb4",
          "MatMulInteger",
          "MatMulInteger16",
          "MatMulIntegerToFloat",
          "MatMulNBits",
          "QAttention",
          "QEmbedLayerNormalization",
          "QGemm",
          "QuantizeLinear");

  private static final String FAMILY = "QLinear";

  private Quantised() {}

  /** Whether a node's operator is one. */
  public static boolean is(NodeProto node) {
    return OPERATORS.contains(node.getOpType()) || node.getOpType().startsWith(FAMILY);
  }
}
