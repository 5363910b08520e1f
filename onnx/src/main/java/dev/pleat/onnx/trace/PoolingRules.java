package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pooling, resizing and padding: spatial operators that leave channels alone. */
final class PoolingRules {
  private PoolingRules() {}

  static Map<String, OpRule> rules() {
    Map<String, OpRule> rules = new HashMap<>();
    List.of("MaxPool", "AveragePool", "LpPool").forEach(op -> rules.put(op, PoolingRules::pool));
    List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
        .forEach(op -> rules.put(op, PoolingRules::global));
    rules.put("Resize", PoolingRules::resize);
    rules.put("Upsample", PoolingRules::resize);
    rules.put("Pad", PoolingRules::pad);
    return rules;
  }

  private static void pool(NodeContext node) {
    Value x = node.in(0);
    long[] kernel = Nodes.integers(node.node(), "kernel_shape").orElse(new long[0]);
    if (!x.ranked() || kernel.length != x.rank() - 2) {
      node.freezeInputs("pools a value of unknown shape");
      return;
    }
    Optional<long[]> strides = Nodes.integers(node.node(), "strides");
    Optional<long[]> dilations = Nodes.integers(node.node(), "dilations");
    long[] dims = x.dims().clone();
    for (int i = 0; i < kernel.length; i++) {
      long extent = (kernel[i] - 1) * (dilations.isPresent() ? dilations.get()[i] : 1) + 1;
      long stride = strides.isPresent() ? strides.get()[i] : 1;
      WindowAxis window = new WindowAxis(extent, stride, i, kernel.length);
      dims[i + 2] = x.dim(i + 2) < 0 ? node.symbol() : window.downsampled(node, x.dim(i + 2));
      node.freeze(x.label(i + 2), "pools along it");
    }
    node.out(0, dims, x.labels());
    node.out(1, Value.plain(dims));
  }

  private static void global(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("pools a value of unknown shape");
      return;
    }
    long[] dims = x.dims().clone();
    Label[] labels = x.labels().clone();
    for (int i = 2; i < dims.length; i++) {
      node.freeze(labels[i], "pools along it");
      dims[i] = 1;
      labels[i] = Label.NONE;
    }
    node.out(0, dims, labels);
  }

  private static void resize(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("resizes a value of unknown shape");
      return;
    }
    int rank = x.rank();
    int[] axes = Axes.of(Nodes.integers(node.node(), "axes"), rank);
    boolean old = node.node().getOpType().equals("Upsample") || node.opset() < 11;
    Optional<List<ShapeElement>> sizes =
        node.has(3)
            ? node.in(3).elements().filter(elements -> elements.size() == axes.length)
            : Optional.empty();
    Optional<float[]> scales =
        node.scales(old ? 1 : 2).filter(numbers -> numbers.length == axes.length);
    Optional<long[]> seen = node.seen(0).filter(shape -> shape.length == rank);
    long[] dims = x.dims().clone();
    Label[] followed = Value.none(axes.length);
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i];
      long size = node.symbol();
      if (sizes.isPresent()) {
        size = sizes.get().get(i).value();
      } else if (scales.isPresent() && x.dim(axis) >= 0) {
        size = (long) Math.floor(x.dim(axis) * scales.get()[i]);
      } else if (scales.isPresent() && scales.get()[i] == 1) {
        size = x.dim(axis);
      }
      dims[axis] = seen.isPresent() ? seen.get()[axis] : size;
      if (dims[axis] != x.dim(axis)) {
        node.freeze(x.label(axis), "resizes it");
      } else {
        followed[i] = x.label(axis);
      }
    }
    sizes.ifPresent(elements -> node.sizes(3, elements, followed));
    node.out(0, dims, x.labels());
  }

  private static void pad(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("pads a value of unknown shape");
      return;
    }
    int rank = x.rank();
    Optional<long[]> pads = node.integers(1, "pads");
    int[] axes = Axes.of(node.integers(3, ""), rank);
    if (pads.isEmpty() || pads.get().length != 2 * axes.length || node.has(3) && axes.length == 0) {
      node.freezeInputs("pads by amounts that are not known");
      return;
    }
    boolean constant = Nodes.text(node.node(), "mode", "constant").equals("constant");
    long[] dims = x.dims().clone();
    Label[] labels = x.labels().clone();
    for (int i = 0; i < axes.length; i++) {
      int axis = axes[i];
      long before = pads.get()[i];
      long after = pads.get()[i + axes.length];
      if (before == 0 && after == 0) {
        continue;
      }
      dims[axis] = dims[axis] < 0 ? node.symbol() : dims[axis] + before + after;
      if (labels[axis].exists()) {
        if (constant && before >= 0 && after >= 0) {
          labels[axis] = node.label(padded(labels[axis].ids(), (int) before, (int) after));
        } else {
          node.freeze(labels[axis], "pads it");
          labels[axis] = Label.NONE;
        }
      }
    }
    node.out(0, dims, labels);
  }

  private static int[] padded(int[] ids, int before, int after) {
    int[] padded = new int[before + ids.length + after];
    Arrays.fill(padded, Label.FIXED);
    System.arraycopy(ids, 0, padded, before, ids.length);
    return padded;
  }
}
