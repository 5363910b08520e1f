package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Operators that put blocks together, cut them out or repeat them. */
final class BlockGradients {
  private BlockGradients() {}

  static Map<String, GradientRule> rules() {
    return Map.of(
        "Concat", BlockGradients::concat,
        "Split", BlockGradients::split,
        "Slice", BlockGradients::slice,
        "Gather", BlockGradients::gather,
        "Pad", BlockGradients::pad);
  }

  private static void concat(GradientNode node) {
    int axis = node.axis(node.integer("axis", 1), node.rank(0));
    List<String> sizes =
        IntStream.range(0, node.inputs()).mapToObj(i -> node.size(i, axis)).toList();
    String split = node.graph().node("Concat", sizes, Attributes.integer("axis", 0));
    List<String> parts =
        node.graph()
            .nodes(
                "Split",
                List.of(node.gradient(), split),
                node.inputs(),
                Attributes.integer("axis", axis));
    for (int i = 0; i < node.inputs(); i++) {
      if (node.wants(i)) {
        node.give(i, parts.get(i));
      }
    }
  }

  private static void split(GradientNode node) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < node.outputs(); i++) {
      Optional<String> gradient = node.gradient(i);
      parts.add(gradient.isPresent() ? gradient.get() : node.zeros(node.outShape(i)));
    }
    node.give(
        0, node.graph().node("Concat", parts, Attributes.integer("axis", node.integer("axis", 0))));
  }

  /** The positions that a slice takes of an axis come from slicing the numbers 0, 1, … of it. */
  private static void slice(GradientNode node) {
    boolean attributes = node.opset() < 10;
    int rank = node.rank(0);
    String starts = bounds(node, attributes, 1, "starts");
    String ends = bounds(node, attributes, 2, "ends");
    Optional<long[]> axes = node.integers(3, "axes");
    if (node.has(3) && axes.isEmpty()) {
      throw node.refuse("cuts along axes that are not constant");
    }
    int count = node.integers(1, "starts").map(all -> all.length).orElse(-1);
    if (axes.isEmpty() && count < 0) {
      throw node.refuse("cuts along axes that are not constant");
    }
    long[] cut = axes.orElseGet(() -> LongStream.range(0, count).toArray());
    String gradient = node.gradient();
    for (int i = 0; i < cut.length; i++) {
      int axis = node.axis(cut[i], rank);
      String at = node.graph().constant((long) i);
      List<String> inputs =
          new ArrayList<>(
              List.of(
                  positions(node, axis),
                  node.op("Gather", starts, at),
                  node.op("Gather", ends, at),
                  node.graph().constant(0L)));
      if (node.has(4)) {
        inputs.add(node.op("Gather", bounds(node, false, 4, "steps"), at));
      }
      String taken = node.graph().node("Slice", inputs);
      gradient =
          node.has(4) && !isOnes(node, 4)
              ? scattered(node, gradient, axis, taken)
              : padded(node, gradient, axis, taken);
    }
    node.give(0, gradient);
  }

  private static boolean isOnes(GradientNode node, int input) {
    return node.integers(input, "steps")
        .filter(steps -> Arrays.stream(steps).allMatch(step -> step == 1))
        .isPresent();
  }

  /** Puts zeros around a value that was cut in one piece out of an axis. */
  private static String padded(GradientNode node, String value, int axis, String taken) {
    GraphWriter graph = node.graph();
    String before = node.op("Gather", taken, graph.constant(0L));
    String rest =
        node.op("Sub", node.op("Sub", node.size(0, axis), before), node.op("Shape", taken));
    String pads = graph.node("Concat", List.of(before, rest), Attributes.integer("axis", 0));
    return graph.node("Pad", List.of(value, pads, "", graph.constant((long) axis)));
  }

  private static String bounds(GradientNode node, boolean attribute, int input, String name) {
    return attribute
        ? node.graph().constant(Nodes.integers(node.node(), name).orElse(new long[0]))
        : node.cast(node.in(input), TensorProto.DataType.INT64_VALUE);
  }

  /** The numbers 0, 1, … of an axis of input 0. */
  private static String positions(GradientNode node, int axis) {
    String size = node.op("Squeeze", node.size(0, axis), node.graph().constant(0L));
    return node.op("Range", number(node, 0), size, number(node, 1));
  }

  private static String number(GradientNode node, long value) {
    return node.op("Squeeze", node.graph().constant(value));
  }

  /** Adds each part of a value along an axis to its position in zeros of input 0's size there. */
  private static String scattered(GradientNode node, String value, int axis, String positions) {
    int rank = node.rank(0);
    String shape = node.op("Shape", value);
    String wide =
        node.op("ScatterElements", shape, node.graph().constant((long) axis), node.size(0, axis));
    long[] others = LongStream.range(0, rank).filter(i -> i != axis).toArray();
    String index =
        node.op(
            "Expand",
            others.length == 0
                ? positions
                : node.op("Unsqueeze", positions, node.graph().constant(others)),
            shape);
    return node.graph()
        .node(
            "ScatterElements",
            List.of(node.zeros(wide), index, value),
            Attributes.integer("axis", axis),
            Attributes.text("reduction", "add"));
  }

  private static void gather(GradientNode node) {
    if (!node.wants(0)) {
      return;
    }
    int rank = node.rank(0);
    int axis = node.axis(node.integer("axis", 0), rank);
    String flat = node.graph().constant(-1L);
    String shape =
        node.op("ScatterElements", node.inShape(0), node.graph().constant((long) axis), flat);
    String gradient = node.op("Reshape", node.gradient(), shape);
    node.give(0, scattered(node, gradient, axis, node.op("Reshape", node.in(1), flat)));
  }

  /** Zeros added are cut off again; what was mirrored or repeated adds to where it came from. */
  private static void pad(GradientNode node) {
    boolean attributes = node.opset() < 11;
    String pads = bounds(node, attributes, 1, "pads");
    String mode = node.text("mode", "constant");
    if (mode.equals("constant")) {
      List<String> inputs = new ArrayList<>(List.of(node.gradient(), node.op("Neg", pads)));
      if (node.has(3)) {
        inputs.addAll(List.of("", node.in(3)));
      }
      node.give(0, node.graph().node("Pad", inputs));
      return;
    }
    if (node.has(3)) {
      throw node.refuse("repeats values along chosen axes");
    }
    int rank = node.rank(0);
    String gradient = node.gradient();
    for (int axis = 0; axis < rank; axis++) {
      String own = node.op("Gather", pads, node.graph().constant((long) axis, axis + rank));
      String from =
          node.graph()
              .node("Pad", List.of(positions(node, axis), own), Attributes.text("mode", mode));
      gradient = scattered(node, gradient, axis, from);
    }
    node.give(0, gradient);
  }
}
