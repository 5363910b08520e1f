package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import dev.pleat.core.unite.TensorUnion;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.request.Heads;
import dev.pleat.onnx.trace.Edit;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The layers of a union that every network keeps for itself, because its outputs are its own: those
 * from which no path leads to a channel that can fold, the heads. They become copies, one for each
 * network, which read the channels of that network only.
 */
final class OwnLayers {
  private static final Set<String> DISTRIBUTIONS = Set.of("Softmax", "LogSoftmax");

  private static final Set<String> ELEMENTWISE =
      Set.of("Identity", "Cast", "Relu", "Sigmoid", "Tanh", "HardSigmoid", "Clip", "Mul", "Div");

  private static final String JOINED = "_joined";

  private final OnnxModel model;
  private final Trace trace;
  private final Heads heads;
  private final int networks;

  /** Indices of the nodes that are copied. */
  private final Set<Integer> copied = new TreeSet<>();

  /** Values whose copies are joined again. */
  private final Set<String> joined = new TreeSet<>();

  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<String, List<Integer>> readers = new HashMap<>();

  private OwnLayers(TracedModel first, int networks, Heads heads) {
    this.model = first.model();
    this.trace = first.trace();
    this.heads = heads;
    this.networks = networks;
    for (int n = 0; n < model.nodes().size(); n++) {
      NodeProto node = model.nodes().get(n);
      for (String output : node.getOutputList()) {
        producers.put(output, n);
      }
      for (String value : Nodes.reads(node)) {
        readers.computeIfAbsent(value, v -> new ArrayList<>()).add(n);
      }
    }
  }

  /**
   * The layers that stay apart; none where outputs are averaged.
   *
   * @param first the first network, whose groups are those that become one
   * @throws PleatException when they are to stay apart and there are none, or it is not known along
   *     which axis they could be joined
   */
  static OwnLayers of(TracedModel first, List<TracedModel> networks, Heads heads) {
    OwnLayers own = new OwnLayers(first, networks.size(), heads);
    if (heads != Heads.MEAN) {
      own.find(differing(networks));
      if (heads == Heads.JOINT) {
        own.join();
      }
    }
    return own;
  }

  /** Floating-point constants of the first network that are others in another one. */
  private static Set<String> differing(List<TracedModel> networks) {
    OnnxModel first = networks.getFirst().model();
    Set<String> differing = new HashSet<>();
    for (TracedModel network : networks) {
      Map<String, String> names = SameGraph.names(first, network.model(), n -> true);
      for (Constant constant : first.constants().values()) {
        Constant other =
            network.model().constant(names.getOrDefault(constant.name(), constant.name()));
        if (constant.isFloat()
            && (!Arrays.equals(constant.shape(), other.shape())
                || !Arrays.equals(first.floats(constant), network.model().floats(other)))) {
          differing.add(constant.name());
        }
      }
    }
    return differing;
  }

  private void find(Set<String> differing) {
    int count = model.nodes().size();
    boolean[] late = new boolean[count];
    for (int n = count - 1; n >= 0; n--) {
      NodeProto node = model.nodes().get(n);
      late[n] =
          Nodes.captured(node).isEmpty()
              && node.getOutputList().stream()
                  .allMatch(
                      value -> !holdsChannels(value) && readersOf(value).allMatch(r -> late[r]));
    }
    Set<String> own = new HashSet<>(differing);
    for (int n = 0; n < count; n++) {
      NodeProto node = model.nodes().get(n);
      boolean reads =
          node.getInputList().stream()
              .anyMatch(value -> own.contains(value) || holdsChannels(value));
      if (late[n] && reads) {
        copied.add(n);
        own.addAll(node.getOutputList());
      }
    }
    if (model.graph().getOutputList().stream().noneMatch(output -> isOwn(output.getName()))) {
      throw new PleatException(
          "%s: no layer behind the last channels that can fold makes an output, so --heads %s has nothing to keep apart; leave it out"
              .formatted(model.file(), heads.spelling()));
    }
  }

  private java.util.stream.Stream<Integer> readersOf(String value) {
    return readers.getOrDefault(value, List.of()).stream();
  }

  private boolean holdsChannels(String value) {
    for (Edit.Axis axis : trace.axes().getOrDefault(value, List.of())) {
      for (int id : axis.ids()) {
        if (id >= 0 && trace.groupOf()[id] >= 0) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isOwn(String value) {
    Integer producer = producers.get(value);
    return producer != null && copied.contains(producer);
  }

  /** Outputs are joined before what makes a distribution of them: it is one over all classes. */
  private void join() {
    for (ValueInfoProto output : model.graph().getOutputList()) {
      String value = output.getName();
      if (!isOwn(value)) {
        continue;
      }
      NodeProto node = producer(value);
      while (DISTRIBUTIONS.contains(node.getOpType())
          && isOwn(node.getInput(0))
          && readers.getOrDefault(node.getInput(0), List.of()).size() == 1) {
        copied.remove(producers.get(value));
        value = node.getInput(0);
        node = producer(value);
      }
      axis(value);
      joined.add(value);
    }
  }

  private NodeProto producer(String value) {
    return model.nodes().get(java.util.Objects.requireNonNull(producers.get(value), value));
  }

  /** The axis of the classes: what the last layer makes. */
  private int axis(String value) {
    String at = value;
    while (isOwn(at)) {
      NodeProto node = producer(at);
      switch (node.getOpType()) {
        case "Conv", "ConvTranspose", "Gemm" -> {
          return 1;
        }
        case "MatMul" -> {
          return last(value);
        }
        default -> {
          Optional<String> next = node.getInputList().stream().filter(this::isOwn).findFirst();
          boolean passes =
              node.getOpType().equals("Add")
                  || ELEMENTWISE.contains(node.getOpType())
                  || DISTRIBUTIONS.contains(node.getOpType());
          if (!passes || next.isEmpty()) {
            throw new PleatException(
                "%s: %s stands between the last layer and '%s', so nobody knows which axis has the classes; use --heads separate"
                    .formatted(model.file(), Nodes.describe(node), value));
          }
          at = next.get();
        }
      }
    }
    throw new PleatException(
        "%s: no layer makes the classes of '%s'; use --heads separate"
            .formatted(model.file(), value));
  }

  /** The last axis, counted from the front where the file says how many there are. */
  private int last(String value) {
    for (ValueInfoProto output : model.graph().getOutputList()) {
      if (output.getName().equals(value) && output.getType().getTensorType().hasShape()) {
        return output.getType().getTensorType().getShape().getDimCount() - 1;
      }
    }
    return -1;
  }

  /** Whether the floating-point constants of a node may be of another size in each network. */
  boolean isOfOwnSize(int node) {
    NodeProto proto = model.nodes().get(node);
    return copied.contains(node)
        || proto.getOpType().equals("Constant") && constants().contains(proto.getOutput(0));
  }

  /** Floating-point constants that only copies read, by name. */
  Set<String> constants() {
    Set<String> own = new HashSet<>();
    for (int n : copied) {
      for (String input : model.nodes().get(n).getInputList()) {
        Constant constant = model.constants().get(input);
        if (constant != null && constant.isFloat() && readersOf(input).allMatch(copied::contains)) {
          own.add(input);
        }
      }
    }
    return own;
  }

  /** Uses of these constants. */
  Set<String> tensors() {
    Set<String> constants = constants();
    Set<String> tensors = new HashSet<>();
    trace
        .uses()
        .forEach((name, use) -> {
          if (constants.contains(use.constant().name())) {
            tensors.add(name);
          }
        });
    return tensors;
  }

  /**
   * The union with a copy of these layers for each network.
   *
   * @param union with one for all
   * @param models the networks
   * @param names for each, what it calls the values of the first
   * @param tensors for each, its tensors by use
   * @param slots of the groups that are united, by use
   */
  ModelProto apart(
      ModelProto union,
      List<OnnxModel> models,
      List<Map<String, String>> names,
      List<TensorStore> tensors,
      Map<String, List<Slot>> slots) {
    if (copied.isEmpty()) {
      return union;
    }
    GraphProto.Builder graph = union.getGraph().toBuilder().clearNode();
    for (NodeProto node : union.getGraph().getNodeList()) {
      int index = node.getOutputCount() == 0 ? -1 : producers.getOrDefault(node.getOutput(0), -1);
      if (!copied.contains(index)) {
        graph.addNode(node);
        continue;
      }
      for (int m = 0; m < networks; m++) {
        NodeProto.Builder copy = node.toBuilder().setName(ofNetwork(node.getName(), m));
        for (int i = 0; i < node.getInputCount(); i++) {
          String input = model.nodes().get(index).getInput(i);
          if (isOwn(input)) {
            copy.setInput(i, ofNetwork(input, m));
          } else if (model.constants().containsKey(input) && model.constant(input).isFloat()) {
            String name = ofNetwork(node.getOutput(0) + "_" + i, m);
            copy.setInput(i, name);
            graph.addNode(
                Nodes.constant(
                    name,
                    constant(
                        name,
                        index,
                        input,
                        m,
                        models.get(m),
                        names.get(m),
                        tensors.get(m),
                        slots)));
          }
        }
        for (int o = 0; o < node.getOutputCount(); o++) {
          copy.setOutput(o, ofNetwork(node.getOutput(o), m));
        }
        graph.addNode(copy);
      }
      node.getOutputList().stream().filter(joined::contains).forEach(v -> graph.addNode(concat(v)));
    }
    declare(graph, models);
    removeUnread(graph);
    return union.toBuilder().setGraph(graph).build();
  }

  /** What a value is called that there is one of in each network. */
  static String ofNetwork(String value, int network) {
    return value.isEmpty() ? value : value + "_" + (network + 1);
  }

  private TensorProto constant(
      String name,
      int node,
      String input,
      int network,
      OnnxModel from,
      Map<String, String> names,
      TensorStore tensors,
      Map<String, List<Slot>> slots) {
    Constant own = from.constant(names.getOrDefault(input, input));
    Optional<String> use = use(node, input);
    List<Slot> channels = use.map(u -> slots.getOrDefault(u, List.of())).orElse(List.of());
    Tensor tensor =
        use.isPresent() && !channels.isEmpty()
            ? TensorUnion.alone(name, tensors.read(use.get()), network, networks, channels)
            : new Tensor(own.shape(), from.floats(own));
    return TensorEncoder.floats(own, name, tensor);
  }

  /** The use of a constant that a node reads. */
  private Optional<String> use(int node, String constant) {
    List<String> uses = new ArrayList<>();
    Optional<String> exact = Optional.empty();
    for (String name : new TreeSet<>(trace.uses().keySet())) {
      if (trace.use(name).constant().name().equals(constant)) {
        uses.add(name);
        exact = trace.use(name).edge().node() == node ? Optional.of(name) : exact;
      }
    }
    return exact.or(() -> uses.size() == 1 ? Optional.of(uses.getFirst()) : Optional.empty());
  }

  /** Whether a node joins the outputs of networks. */
  static boolean isJoint(NodeProto node) {
    return node.getOpType().equals("Concat") && node.getName().endsWith(JOINED);
  }

  private NodeProto concat(String value) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType("Concat")
            .setName(value + JOINED)
            .addOutput(value)
            .addAttribute(Attributes.integer("axis", axis(value)));
    for (int m = 0; m < networks; m++) {
      node.addInput(ofNetwork(value, m));
    }
    return node.build();
  }

  /** Outputs with the sizes of what they hold; what is said of values in between goes. */
  private void declare(GraphProto.Builder graph, List<OnnxModel> models) {
    for (int i = graph.getValueInfoCount() - 1; i >= 0; i--) {
      String name = graph.getValueInfo(i).getName();
      if (isOwn(name) || joined.contains(name)) {
        graph.removeValueInfo(i);
      }
    }
    List<ValueInfoProto> outputs = graph.getOutputList();
    graph.clearOutput();
    for (int o = 0; o < outputs.size(); o++) {
      String name = outputs.get(o).getName();
      List<ValueInfoProto> all = new ArrayList<>();
      for (int m = 0; m < networks; m++) {
        all.add(declared(models.get(m), name));
      }
      if (isOwn(name) && !joined.contains(name)) {
        for (int m = 0; m < networks; m++) {
          graph.addOutput(all.get(m).toBuilder().setName(ofNetwork(name, m)));
        }
      } else {
        graph.addOutput(isJoint(name) ? joint(name, all) : outputs.get(o));
      }
    }
  }

  private static ValueInfoProto declared(OnnxModel model, String output) {
    return model.graph().getOutputList().stream()
        .filter(info -> info.getName().equals(output))
        .findFirst()
        .orElseThrow();
  }

  /** Whether an output has the classes of all networks. */
  private boolean isJoint(String output) {
    String value = output;
    while (!joined.contains(value)) {
      if (!producers.containsKey(value) || !DISTRIBUTIONS.contains(producer(value).getOpType())) {
        return false;
      }
      value = producer(value).getInput(0);
    }
    return true;
  }

  private ValueInfoProto joint(String output, List<ValueInfoProto> all) {
    ValueInfoProto.Builder info = all.getFirst().toBuilder();
    if (!info.getType().getTensorType().hasShape()) {
      return info.build();
    }
    TensorShapeProto.Builder shape = info.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    String value = output;
    while (!joined.contains(value)) {
      value = producer(value).getInput(0);
    }
    int axis = Math.floorMod(axis(value), Math.max(1, shape.getDimCount()));
    long sum = 0;
    boolean known = true;
    for (ValueInfoProto one : all) {
      TensorShapeProto.Dimension dim = one.getType().getTensorType().getShape().getDim(axis);
      known &= dim.hasDimValue();
      sum += dim.getDimValue();
    }
    shape.setDim(
        axis,
        known
            ? TensorShapeProto.Dimension.newBuilder().setDimValue(sum)
            : TensorShapeProto.Dimension.newBuilder());
    return info.build();
  }

  private void removeUnread(GraphProto.Builder graph) {
    Set<String> gone = constants();
    for (int i = graph.getInitializerCount() - 1; i >= 0; i--) {
      if (gone.contains(graph.getInitializer(i).getName())) {
        graph.removeInitializer(i);
      }
    }
    for (int n = graph.getNodeCount() - 1; n >= 0; n--) {
      NodeProto node = graph.getNode(n);
      if (node.getOpType().equals("Constant") && gone.contains(node.getOutput(0))) {
        graph.removeNode(n);
      }
    }
    for (int i = graph.getInputCount() - 1; i >= 0; i--) {
      if (gone.contains(graph.getInput(i).getName())) {
        graph.removeInput(i);
      }
    }
  }
}
