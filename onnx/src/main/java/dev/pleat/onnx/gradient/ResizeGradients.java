package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Resizing, which is linear and works axis by axis: y = x M for each axis, where resizing the
 * identity matrix gives M.
 */
final class ResizeGradients {
  private static final Set<String> KEPT =
      Set.of(
          "antialias",
          "coordinate_transformation_mode",
          "cubic_coeff_a",
          "exclude_outside",
          "mode",
          "nearest_mode");

  private ResizeGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of("Resize", ResizeGradients::resize, "Upsample", ResizeGradients::resize);
  }

  private static void resize(GradientNode node) {
    if (node.text("coordinate_transformation_mode", "").equals("tf_crop_and_resize")
        || !node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw node.refuse("crops or chooses its sizes while it resizes");
    }
    int rank = node.rank(0);
    Map<Integer, Float> scales = scales(node, rank);
    String gradient = node.gradient();
    for (int axis = 0; axis < rank; axis++) {
      long from = node.inType(0).shape()[axis];
      long to = node.outType(0).shape()[axis];
      // Nobody resizes the batch, whose size is open as a rule.
      boolean batch = axis == 0 && from < 0 && scales.isEmpty();
      if (batch || scales.getOrDefault(axis, from == to && from > 0 ? 1f : 0f) == 1) {
        continue;
      }
      if (from <= 0 || to <= 0) {
        throw node.refuse("resizes axis %d, whose sizes are open".formatted(axis));
      }
      String matrix =
          matrix(node, Math.toIntExact(from), to, Optional.ofNullable(scales.get(axis)));
      gradient = back(node, gradient, axis, matrix);
    }
    node.give(0, gradient);
  }

  /** The scale of each axis, empty when sizes are given instead. */
  private static Map<Integer, Float> scales(GradientNode node, int rank) {
    boolean third = node.op().equals("Resize") && node.opset() > 10;
    float[] scales =
        node.constant(third ? 2 : 1)
            .map(Tensor::values)
            .or(() -> node.reals("scales"))
            .orElse(new float[0]);
    long[] axes = Nodes.integers(node.node(), "axes").orElse(LongStream.range(0, rank).toArray());
    Map<Integer, Float> byAxis = new HashMap<>();
    if (scales.length == axes.length) {
      for (int i = 0; i < rank; i++) {
        byAxis.put(i, 1f);
      }
      for (int i = 0; i < axes.length; i++) {
        byAxis.put(node.axis(axes[i], rank), scales[i]);
      }
    }
    return byAxis;
  }

  /** What resizing does to an axis, one row for each value and one column for each result. */
  private static String matrix(GradientNode node, int from, long to, Optional<Float> scale) {
    List<AttributeProto> attributes = new ArrayList<>();
    boolean early = node.op().equals("Upsample") || node.opset() < 11;
    if (early) {
      attributes.add(Attributes.text("mode", node.text("mode", "nearest")));
      attributes.add(Attributes.text("coordinate_transformation_mode", "asymmetric"));
      attributes.add(Attributes.text("nearest_mode", "floor"));
      if (to < from) {
        throw node.refuse("makes a value smaller as operator sets before 11 do");
      }
    } else {
      node.node().getAttributeList().stream()
          .filter(attribute -> KEPT.contains(attribute.getName()))
          .forEach(attributes::add);
    }
    float[] identity = new float[Math.multiplyExact(from, from)];
    for (int i = 0; i < from; i++) {
      identity[i * (from + 1)] = 1;
    }
    List<String> inputs =
        new ArrayList<>(
            List.of(node.graph().constant(new Tensor(new int[] {from, from}, identity)), ""));
    if (scale.isPresent()) {
      inputs.add(node.graph().constant(1f, scale.get()));
    } else {
      inputs.addAll(List.of("", node.graph().constant(from, to)));
    }
    return node.graph().node("Resize", inputs, attributes.toArray(AttributeProto[]::new));
  }

  /** The gradient times Mᵀ along an axis. */
  private static String back(GradientNode node, String gradient, int axis, String matrix) {
    int rank = node.rank(0);
    if (axis == rank - 2) {
      return node.op("MatMul", matrix, gradient);
    }
    String transposed =
        node.graph().node("Transpose", List.of(matrix), Attributes.integers("perm", 1, 0));
    if (axis == rank - 1) {
      return node.op("MatMul", gradient, transposed);
    }
    long[] swapped = LongStream.range(0, rank).toArray();
    swapped[axis] = rank - 1L;
    swapped[rank - 1] = axis;
    AttributeProto perm = Attributes.integers("perm", swapped);
    String last = node.graph().node("Transpose", List.of(gradient), perm);
    String product = node.op("MatMul", last, transposed);
    return node.graph().node("Transpose", List.of(product), perm);
  }
}
