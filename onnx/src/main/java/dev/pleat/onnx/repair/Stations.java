package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.trace.Edge;
import dev.pleat.onnx.trace.Edit;
import dev.pleat.onnx.trace.Trace;
import dev.pleat.onnx.trace.Use;
import dev.pleat.onnx.walk.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** Finds the stations of a repair in a traced network. */
final class Stations {
  private record Axis(String tensor, int axis) {}

  private record Owned(int group, Slot slot) {}

  private final Network network;
  private final Trace trace;
  private final List<Clustering> clusterings;
  private final ConstantReaders readers;
  private final Map<String, List<NodeProto>> readersOf = new HashMap<>();
  private final Map<Axis, List<Owned>> slots = new HashMap<>();
  private final Map<String, Use> separated = new LinkedHashMap<>();
  private final Map<String, String> sharedWith = new LinkedHashMap<>();
  private final List<Station> stations = new ArrayList<>();

  /**
   * Finds the stations.
   *
   * @param network the original
   * @param clusterings one for each group of the trace
   */
  Stations(Network network, Trace trace, List<Clustering> clusterings) {
    this.network = network;
    this.trace = trace;
    this.clusterings = clusterings;
    this.readers = new ConstantReaders(network, trace);
    for (int g = 0; g < trace.groups().size(); g++) {
      ChannelGroup group = trace.groups().get(g);
      for (Slot slot : group.slots()) {
        slots
            .computeIfAbsent(new Axis(slot.tensor(), slot.axis()), a -> new ArrayList<>())
            .add(new Owned(g, slot));
      }
    }
    for (NodeProto node : network.nodes()) {
      Set.copyOf(node.getInputList())
          .forEach(value -> readersOf.computeIfAbsent(value, v -> new ArrayList<>()).add(node));
    }
    slots.forEach(this::addConsumer);
    for (int n = 0; n < network.nodes().size(); n++) {
      addNode(n, network.nodes().get(n));
    }
    stations.replaceAll(this::withCentring);
    stations.sort(
        Comparator.comparingInt(Station::node)
            .thenComparing(station -> station instanceof Station.Bias));
  }

  /** All stations; those before a node runs come before those after it. */
  List<Station> inOrder() {
    return List.copyOf(stations);
  }

  /** Uses for constants that several nodes read and that must become different. */
  Map<String, Use> separated() {
    return separated;
  }

  /** For each separated use, the use that it had its values from. */
  Map<String, String> sharedWith() {
    return sharedWith;
  }

  /** Where each use is read by nodes that run. */
  ConstantReaders readers() {
    return readers;
  }

  private void addConsumer(Axis axis, List<Owned> owned) {
    Slot first = owned.getFirst().slot;
    List<Edge> edges = readers.edges(axis.tensor);
    if (first.role() != Role.CONSUMER || edges.size() != 1) {
      return;
    }
    Edge edge = edges.getFirst();
    NodeProto node = network.nodes().get(edge.node());
    OptionalInt activation = activationAxis(node, edge.input());
    if (activation.isEmpty()) {
      return;
    }
    stations.add(
        new Station.Consumer(
            edge.node(),
            Nodes.describe(node),
            node.getInput(1 - edge.input()),
            activation.getAsInt(),
            axis.tensor,
            axis.axis,
            first.partitions(),
            foldedAxis(axis, first.channels().length),
            false));
  }

  /** The axis of the activation that a weight at an input reads. */
  private static OptionalInt activationAxis(NodeProto node, int weightInput) {
    return switch (node.getOpType()) {
      case "Conv", "ConvTranspose", "Gemm" ->
          weightInput == 1 ? OptionalInt.of(1) : OptionalInt.empty();
      case "MatMul" -> OptionalInt.of(weightInput == 1 ? -1 : -2);
      default -> OptionalInt.empty();
    };
  }

  private FoldedAxis foldedAxis(Axis axis, int length) {
    return FoldedAxis.of(
        length,
        slots.getOrDefault(axis, List.of()).stream()
            .map(o -> new FoldedAxis.Part(o.slot, clusterings.get(o.group)))
            .toList());
  }

  /** The group of each position of a folded axis, −1 for none. */
  private int[] groups(Axis axis, FoldedAxis folded) {
    int[] groups = new int[folded.size()];
    Arrays.fill(groups, -1);
    for (Owned owned : slots.getOrDefault(axis, List.of())) {
      for (int p = 0; p < folded.length(); p++) {
        if (owned.slot.channels()[p] >= 0 && folded.target()[p] >= 0) {
          groups[folded.target()[p]] = owned.group;
        }
      }
    }
    return groups;
  }

  /** A later station sets the mean of what a consumer gives, or a normalisation behind it does. */
  private Station withCentring(Station station) {
    if (!(station instanceof Station.Consumer consumer)) {
      return station;
    }
    String output = network.nodes().get(consumer.node()).getOutput(0);
    List<NodeProto> behind = readersOf.getOrDefault(output, List.of());
    boolean centred =
        isNormalized(output)
            || hasBias(output)
            || (behind.size() == 1 && hasBias(behind.getFirst().getOutput(0)));
    return consumer.withCentred(centred);
  }

  private boolean hasBias(String value) {
    return stations.stream().anyMatch(s -> s instanceof Station.Bias b && b.value().equals(value));
  }

  private void addNode(int n, NodeProto node) {
    if (!Nodes.isStandard(node)) {
      return;
    }
    switch (node.getOpType()) {
      case "BatchNormalization" -> addStatistics(n, node);
      case "Conv", "ConvTranspose" -> addBias(n, node, 2, 1);
      case "Gemm" -> addBias(n, node, 2, 1);
      case "Add" -> {
        addBias(n, node, 0, 0);
        addBias(n, node, 1, 0);
      }
      default -> {}
    }
  }

  private void addStatistics(int n, NodeProto node) {
    Optional<String> mean = readers.useAt(n, 3);
    Optional<String> variance = readers.useAt(n, 4);
    boolean training = Nodes.integer(node, "training_mode", 0) != 0 || node.getOutputCount() > 1;
    if (training || mean.isEmpty() || variance.isEmpty() || !network.isActive(node.getInput(0))) {
      return;
    }
    Axis axis = new Axis(mean.get(), 0);
    FoldedAxis channels = foldedAxis(axis, trace.use(mean.get()).constant().shape()[0]);
    stations.add(
        new Station.Statistics(
            n,
            Nodes.describe(node),
            node.getInput(0),
            own(mean.get(), new Edge(n, 3)),
            own(variance.get(), new Edge(n, 4)),
            mean.get(),
            variance.get(),
            Nodes.real(node, "epsilon", 1e-5f),
            channels,
            groups(axis, channels)));
  }

  /** A use that only this edge reads. */
  private String own(String use, Edge edge) {
    if (readers.isOwn(trace.use(use), edge)) {
      return use;
    }
    String name = use + "@" + edge.node() + "." + edge.input();
    separated.put(name, new Use(trace.use(use).constant(), edge));
    sharedWith.put(name, use);
    return name;
  }

  private void addBias(int n, NodeProto node, int input, int axis) {
    Optional<String> bias = readers.useAt(n, input);
    String output = node.getOutput(0);
    if (bias.isEmpty()
        || readers.edges(bias.get()).size() != 1
        || !network.isActive(output)
        || isNormalized(output)) {
      return;
    }
    int[] shape = trace.use(bias.get()).constant().shape();
    int length = Arrays.stream(shape).max().orElse(1);
    if (length < 2 || Arrays.stream(shape).filter(d -> d > 1).count() != 1) {
      return;
    }
    int at = 0;
    while (shape[at] == 1) {
      at++;
    }
    OptionalInt channel = axis == 1 ? OptionalInt.of(1) : channelAxis(node, input, bias.get(), at);
    if (channel.isEmpty()) {
      return;
    }
    Axis own = new Axis(bias.get(), at);
    Optional<Slot> rows =
        readers.useAt(n, 1).stream()
            .filter(use -> input == 2)
            .flatMap(use -> slots.entrySet().stream().filter(e -> e.getKey().tensor.equals(use)))
            .flatMap(e -> e.getValue().stream())
            .map(Owned::slot)
            .filter(slot -> slot.role() != Role.CONSUMER)
            .findFirst();
    FoldedAxis channels = foldedAxis(own, length);
    stations.add(
        new Station.Bias(
            n,
            Nodes.describe(node),
            output,
            channel.getAsInt(),
            bias.get(),
            rows,
            channels,
            groups(own, channels)));
  }

  /**
   * The axis of a node's output that a vector is added along, counted from the back. Exporters show
   * a vector in another shape before they add it.
   *
   * @param at the axis of the constant that is longer than 1
   * @return empty where it is not known
   */
  private OptionalInt channelAxis(NodeProto node, int input, String bias, int at) {
    Constant constant = trace.use(bias).constant();
    String added = node.getInput(input);
    if (added.equals(constant.name())) {
      return OptionalInt.of(at - constant.shape().length);
    }
    List<Edit.Axis> axes = trace.axes().getOrDefault(added, List.of());
    int[] found =
        IntStream.range(0, axes.size())
            .filter(i -> axes.get(i).ids().length == constant.shape()[at])
            .toArray();
    return found.length == 1 ? OptionalInt.of(found[0] - axes.size()) : OptionalInt.empty();
  }

  /** Whether all that reads a value are batch normalisations, which set its mean themselves. */
  private boolean isNormalized(String value) {
    List<NodeProto> all = readersOf.getOrDefault(value, List.of());
    return !all.isEmpty()
        && all.stream()
            .allMatch(node ->
                node.getOpType().equals("BatchNormalization") && node.getInput(0).equals(value));
  }
}
