package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.size.Sizes;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Channel shuffles: an axis is cut in two, the two change places, and are joined again. As a
 * Reshape, a Transpose and a Reshape they ask for channels in equal numbers; as a Gather, whose
 * indices can be any permutation, they ask for nothing.
 */
final class Shuffles {
  private final OnnxModel model;
  private final Sizes sizes;
  private final Map<String, NodeProto> maker = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();

  private Shuffles(OnnxModel model, Sizes sizes) {
    this.model = model;
    this.sizes = sizes;
    for (NodeProto node : model.nodes()) {
      node.getOutputList().forEach(output -> maker.put(output, node));
      Nodes.reads(node).forEach(name -> readers.merge(name, 1, Integer::sum));
    }
    model.graph().getOutputList().forEach(o -> readers.merge(o.getName(), 1, Integer::sum));
  }

  /** The model with every shuffle as a Gather. */
  static OnnxModel gathered(OnnxModel model, Sizes sizes) {
    return new Shuffles(model, sizes).gathered();
  }

  /**
   * A shuffle.
   *
   * @param input what is shuffled
   * @param axis along which axis
   * @param indices the position that each position of the result takes its channel from
   */
  private record Shuffle(String input, int axis, long[] indices) {}

  private OnnxModel gathered() {
    GraphProto.Builder graph = model.graph().toBuilder().clearNode();
    Set<NodeProto> gone = Collections.newSetFromMap(new IdentityHashMap<>());
    Map<NodeProto, List<NodeProto>> instead = new IdentityHashMap<>();
    for (NodeProto last : model.nodes()) {
      Optional<Shuffle> found = shuffle(last);
      if (found.isEmpty()) {
        continue;
      }
      NodeProto transpose = only(last.getInput(0)).orElseThrow();
      gone.add(transpose);
      gone.add(only(transpose.getInput(0)).orElseThrow());
      String name = last.getOutput(0) + "_order";
      NodeProto order = Nodes.constant(name, TensorEncoder.vector(name, found.get().indices));
      NodeProto gather =
          NodeProto.newBuilder()
              .setOpType("Gather")
              .setName(last.getName())
              .addInput(found.get().input)
              .addInput(name)
              .addOutput(last.getOutput(0))
              .addAttribute(Attributes.integer("axis", found.get().axis))
              .build();
      instead.put(last, List.of(order, gather));
    }
    if (instead.isEmpty()) {
      return model;
    }
    for (NodeProto node : model.nodes()) {
      if (!gone.contains(node)) {
        graph.addAllNode(instead.getOrDefault(node, List.of(node)));
      }
    }
    return model.with(model.proto().toBuilder().setGraph(graph).build());
  }

  /** The node that makes a value which only one node reads. */
  private Optional<NodeProto> only(String name) {
    return readers.getOrDefault(name, 0) == 1
        ? Optional.ofNullable(maker.get(name))
        : Optional.empty();
  }

  private static boolean is(NodeProto node, String op) {
    return Nodes.isStandard(node) && node.getOpType().equals(op) && node.getInputCount() > 0;
  }

  private Optional<Shuffle> shuffle(NodeProto last) {
    if (!is(last, "Reshape")) {
      return Optional.empty();
    }
    Optional<NodeProto> transpose = only(last.getInput(0)).filter(node -> is(node, "Transpose"));
    Optional<NodeProto> first =
        transpose.flatMap(node -> only(node.getInput(0))).filter(node -> is(node, "Reshape"));
    if (first.isEmpty()) {
      return Optional.empty();
    }
    String input = first.get().getInput(0);
    Optional<List<long[]>> whole = sizes.shape(input);
    Optional<List<long[]>> cut = sizes.shape(first.get().getOutput(0));
    Optional<List<long[]>> joined = sizes.shape(last.getOutput(0));
    Optional<long[]> order = Nodes.integers(transpose.get(), "perm");
    if (whole.isEmpty() || cut.isEmpty() || joined.isEmpty() || order.isEmpty()) {
      return Optional.empty();
    }
    int axis = swapped(order.get());
    return axis >= 0 && isShuffle(whole.get(), cut.get(), joined.get(), axis)
        ? Optional.of(new Shuffle(input, axis, indices(cut.get().getFirst(), axis)))
        : Optional.empty();
  }

  /** The first of two neighbouring axes that change places while all others stay, or −1. */
  private static int swapped(long[] order) {
    int axis = 0;
    while (axis < order.length && order[axis] == axis) {
      axis++;
    }
    if (axis + 1 >= order.length || order[axis] != axis + 1 || order[axis + 1] != axis) {
      return -1;
    }
    for (int i = axis + 2; i < order.length; i++) {
      if (order[i] != i) {
        return -1;
      }
    }
    return axis;
  }

  private static boolean isShuffle(
      List<long[]> whole, List<long[]> cut, List<long[]> joined, int axis) {
    long[] first = cut.getFirst();
    for (int run = 0; run < whole.size(); run++) {
      long[] in = whole.get(run);
      long[] parts = cut.get(run);
      if (!Arrays.equals(in, joined.get(run))
          || parts.length != in.length + 1
          || parts[axis] != first[axis]
          || parts[axis + 1] != first[axis + 1]
          || in[axis] != parts[axis] * parts[axis + 1]
          || !Arrays.equals(in, 0, axis, parts, 0, axis)
          || !Arrays.equals(in, axis + 1, in.length, parts, axis + 2, parts.length)) {
        return false;
      }
    }
    return true;
  }

  private static long[] indices(long[] cut, int axis) {
    int outer = Math.toIntExact(cut[axis]);
    int inner = Math.toIntExact(cut[axis + 1]);
    long[] indices = new long[outer * inner];
    for (int p = 0; p < indices.length; p++) {
      indices[p] = (long) (p % outer) * inner + p / outer;
    }
    return indices;
  }
}
