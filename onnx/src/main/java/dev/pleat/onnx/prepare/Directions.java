package dev.pleat.onnx.prepare;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.size.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Recurrent layers that run in two directions and are joined along their units: they become two
 * layers of one direction and a Concat, so that the units of each direction are channels of their
 * own. Where the directions were an axis next to the units after a Transpose, and a Reshape made
 * one axis of both, the same Transpose and Reshape see one direction with twice the units.
 */
final class Directions {
  /** Inputs with one row for each direction: weights, biases, first states, peepholes. */
  private static final Set<Integer> BY_DIRECTION = Set.of(1, 2, 3, 5, 6, 7);

  private final OnnxModel model;
  private final Sizes sizes;
  private final Map<String, List<NodeProto>> readers = new HashMap<>();

  private Directions(OnnxModel model, Sizes sizes) {
    this.model = model;
    this.sizes = sizes;
    for (NodeProto node : model.nodes()) {
      Nodes.reads(node)
          .forEach(name -> readers.computeIfAbsent(name, n -> new ArrayList<>()).add(node));
    }
  }

  /** The model with every such layer as two. */
  static OnnxModel apart(OnnxModel model, Sizes sizes) {
    return new Directions(model, sizes).apart();
  }

  private OnnxModel apart() {
    List<NodeProto> nodes = new ArrayList<>();
    Map<String, String> joined = new HashMap<>();
    for (NodeProto node : model.nodes()) {
      if (isJoined(node)) {
        String units = node.getOutput(0) + "_joined";
        joined.put(node.getOutput(0), units);
        onlyReader(node.getOutput(0), "Transpose")
            .map(transpose -> transpose.getOutput(0))
            .ifPresent(turned -> joined.put(turned, turned + "_joined"));
        nodes.addAll(two(node, units));
      } else {
        nodes.add(node);
      }
    }
    if (joined.isEmpty()) {
      return model;
    }
    nodes.replaceAll(node -> renamed(node, joined));
    return model.with(
        model.proto().toBuilder().setGraph(Pruning.with(model.graph(), nodes)).build());
  }

  /** Values between the layer and the Reshape have other shapes now, so they have other names. */
  private static NodeProto renamed(NodeProto node, Map<String, String> names) {
    boolean concerned =
        node.getInputList().stream().anyMatch(names::containsKey)
            || node.getOutputList().stream().anyMatch(names::containsKey);
    if (!concerned) {
      return node;
    }
    NodeProto.Builder renamed = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(name -> renamed.addInput(names.getOrDefault(name, name)));
    node.getOutputList().forEach(name -> renamed.addOutput(names.getOrDefault(name, name)));
    return renamed.build();
  }

  private boolean isJoined(NodeProto node) {
    return Nodes.isRecurrent(node)
        && Nodes.text(node, "direction", "forward").equals("bidirectional")
        && Nodes.integer(node, "layout", 0) == 0
        && Nodes.attribute(node, "activation_alpha").isEmpty()
        && Nodes.attribute(node, "activation_beta").isEmpty()
        && BY_DIRECTION.stream()
            .filter(i -> i <= 3 || i == 7)
            .allMatch(i -> input(node, i).isEmpty() || hasHalves(input(node, i)))
        && joins(node.getOutput(0));
  }

  private static String input(NodeProto node, int i) {
    return i < node.getInputCount() ? node.getInput(i) : "";
  }

  /** Whether the directions end up next to the units, as one axis with them. */
  private boolean joins(String output) {
    Optional<NodeProto> transpose = onlyReader(output, "Transpose");
    Optional<NodeProto> reshape = transpose.flatMap(t -> onlyReader(t.getOutput(0), "Reshape"));
    if (reshape.isEmpty()) {
      return false;
    }
    long[] order = Nodes.integers(transpose.get(), "perm").orElse(new long[0]);
    Optional<List<long[]>> before = sizes.shape(transpose.get().getOutput(0));
    Optional<List<long[]>> after = sizes.shape(reshape.get().getOutput(0));
    if (order.length != 4
        || order[2] != 1
        || order[3] != 3
        || before.isEmpty()
        || after.isEmpty()) {
      return false;
    }
    for (int run = 0; run < before.get().size(); run++) {
      long[] apart = before.get().get(run);
      long[] joined = after.get().get(run);
      if (joined[joined.length - 1] != apart[2] * apart[3]) {
        return false;
      }
    }
    return true;
  }

  private Optional<NodeProto> onlyReader(String value, String op) {
    List<NodeProto> all = readers.getOrDefault(value, List.of());
    return all.size() == 1
            && !isOutput(value)
            && Nodes.isStandard(all.getFirst())
            && all.getFirst().getOpType().equals(op)
        ? Optional.of(all.getFirst())
        : Optional.empty();
  }

  private boolean isOutput(String value) {
    return model.graph().getOutputList().stream().anyMatch(info -> info.getName().equals(value));
  }

  /** States that nobody reads would only tie the directions. */
  private boolean isRead(String value) {
    return readers.containsKey(value) || isOutput(value);
  }

  private boolean hasHalves(String name) {
    Constant constant = model.constants().get(name);
    return constant != null
        && constant.isFloat()
        && constant.shape().length > 0
        && constant.shape()[0] == 2;
  }

  /** A constant's row for a direction; empty where the value is no constant. */
  private Optional<TensorProto> half(String name, String own, int direction) {
    Constant constant = model.constants().get(name);
    if (constant == null || !hasHalves(name)) {
      return Optional.empty();
    }
    float[] values = model.floats(constant);
    int[] shape = constant.shape().clone();
    shape[0] = 1;
    int half = values.length / 2;
    float[] row = Arrays.copyOfRange(values, direction * half, (direction + 1) * half);
    return Optional.of(TensorEncoder.floats(constant, own, new Tensor(shape, row)));
  }

  private List<NodeProto> two(NodeProto node, String units) {
    List<NodeProto> nodes = new ArrayList<>();
    List<NodeProto> layers = new ArrayList<>();
    for (int d = 0; d < 2; d++) {
      layers.add(one(node, d, nodes));
    }
    nodes.addAll(layers);
    for (int o = 0; o < node.getOutputCount(); o++) {
      if (!layers.getFirst().getOutput(o).isEmpty()) {
        nodes.add(
            NodeProto.newBuilder()
                .setOpType("Concat")
                .setName(node.getOutput(o) + "_joined")
                .addInput(layers.get(0).getOutput(o))
                .addInput(layers.get(1).getOutput(o))
                .addOutput(o == 0 ? units : node.getOutput(o))
                .addAttribute(Attributes.integer("axis", o == 0 ? 3 : 0))
                .build());
      }
    }
    return nodes;
  }

  /** The layer of one direction; what it reads of its own is added to the nodes. */
  private NodeProto one(NodeProto node, int direction, List<NodeProto> nodes) {
    String suffix = direction == 0 ? "_forward" : "_reverse";
    String stem = (node.getName().isEmpty() ? node.getOutput(0) : node.getName()) + suffix;
    NodeProto.Builder layer =
        NodeProto.newBuilder()
            .setOpType(node.getOpType())
            .setDomain(node.getDomain())
            .setName(stem);
    for (int i = 0; i < node.getInputCount(); i++) {
      String name = node.getInput(i);
      if (name.isEmpty() || !BY_DIRECTION.contains(i)) {
        layer.addInput(name);
        continue;
      }
      String own = name + "_" + stem;
      Optional<TensorProto> row = half(name, own, direction);
      if (row.isPresent()) {
        nodes.add(Nodes.constant(own, row.get()));
      } else {
        String index = own + "_index";
        nodes.add(Nodes.constant(index, TensorEncoder.vector(index, new long[] {direction})));
        nodes.add(
            NodeProto.newBuilder()
                .setOpType("Gather")
                .setName(own)
                .addInput(name)
                .addInput(index)
                .addOutput(own)
                .addAttribute(Attributes.integer("axis", 0))
                .build());
      }
      layer.addInput(own);
    }
    for (String output : node.getOutputList()) {
      layer.addOutput(isRead(output) ? output + suffix : "");
    }
    for (AttributeProto attribute : node.getAttributeList()) {
      layer.addAttribute(
          switch (attribute.getName()) {
            case "direction" ->
                attribute.toBuilder()
                    .setS(ByteString.copyFromUtf8(direction == 0 ? "forward" : "reverse"))
                    .build();
            case "activations" -> half(attribute, direction);
            default -> attribute;
          });
    }
    return layer.build();
  }

  private static AttributeProto half(AttributeProto activations, int direction) {
    List<ByteString> all = activations.getStringsList();
    int half = all.size() / 2;
    return activations.toBuilder()
        .clearStrings()
        .addAllStrings(direction == 0 ? all.subList(0, half) : all.subList(half, all.size()))
        .build();
  }
}
