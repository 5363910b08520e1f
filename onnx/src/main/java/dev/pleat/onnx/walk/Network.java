package dev.pleat.onnx.walk;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.run.InputBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * A network as it is walked: its nodes in topological order, which of them depend on its inputs,
 * and where each value is made and read for the last time.
 */
public final class Network {
  /** Read by whoever asked for it, after the last node. */
  private static final int FOREVER = Integer.MAX_VALUE;

  private final String name;
  private final ModelProto proto;
  private final List<NodeProto> nodes;
  private final Map<Integer, List<NodeProto>> before;
  private final Path origin;
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final Map<String, Integer> maker = new HashMap<>();
  private final Map<String, Integer> lastReader = new HashMap<>();
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> active = new HashSet<>();

  /**
   * A network.
   *
   * @param name what messages call it
   * @param proto its message
   * @param origin the file that external data is looked for beside
   * @param nodes its nodes, each after those it reads from
   */
  public Network(String name, ModelProto proto, Path origin, List<NodeProto> nodes) {
    this(name, proto, origin, nodes, Map.of());
  }

  /**
   * A network some of whose nodes have others before them that count as a part of them, so that its
   * nodes can be those of another network one by one.
   *
   * @param before by index, what runs right before a node, in order
   */
  public Network(
      String name,
      ModelProto proto,
      Path origin,
      List<NodeProto> nodes,
      Map<Integer, List<NodeProto>> before) {
    this.name = name;
    this.proto = proto;
    this.nodes = List.copyOf(nodes);
    this.before = Map.copyOf(before);
    this.origin = origin;
    proto.getGraph().getInitializerList().forEach(t -> initializers.put(t.getName(), t));
    proto
        .getGraph()
        .getInputList()
        .forEach(input -> {
          if (!initializers.containsKey(input.getName())) {
            inputs.add(input.getName());
          }
        });
    active.addAll(inputs);
    for (int n = 0; n < nodes.size(); n++) {
      for (NodeProto part : before(n)) {
        add(n, part);
      }
      add(n, nodes.get(n));
    }
    proto.getGraph().getOutputList().forEach(output -> lastReader.put(output.getName(), FOREVER));
  }

  private void add(int n, NodeProto node) {
    boolean reads = false;
    for (String value : Nodes.reads(node)) {
      if (active.contains(value)) {
        lastReader.put(value, n);
        reads = true;
      }
    }
    for (String output : node.getOutputList()) {
      maker.put(output, n);
      if (reads) {
        active.add(output);
      }
    }
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  /** The file that external data is looked for beside. */
  public Path origin() {
    return origin;
  }

  /** Its message. */
  public ModelProto proto() {
    return proto;
  }

  /** The nodes in topological order. */
  public List<NodeProto> nodes() {
    return nodes;
  }

  /** What runs right before a node and counts as a part of it, in order. */
  List<NodeProto> before(int node) {
    return before.getOrDefault(node, List.of());
  }

  /** How many inputs the network takes at once, where it is fixed to a number. */
  public OptionalInt fixedBatch() {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (ValueInfoProto input : proto.getGraph().getInputList()) {
      TensorShapeProto shape = input.getType().getTensorType().getShape();
      if (inputs.contains(input.getName()) && shape.getDimCount() > 0) {
        sizes.put(input.getName(), shape.getDim(0).getDimValue());
      }
    }
    return InputBatch.of(sizes).fixed();
  }

  /** The names of the graph's outputs. */
  public List<String> outputs() {
    return proto.getGraph().getOutputList().stream().map(ValueInfoProto::getName).toList();
  }

  /** Whether a value depends on the network's inputs. */
  public boolean isActive(String value) {
    return active.contains(value);
  }

  /** Whether a node depends on the network's inputs. */
  boolean isActive(int node) {
    return nodes.get(node).getOutputList().stream().anyMatch(active::contains);
  }

  /** Whether a value is read by a node from {@code end} on, or is an output of the graph. */
  boolean isReadFrom(String value, int end) {
    return lastReader.getOrDefault(value, -1) >= end;
  }

  /** The initializers that a list of nodes reads, and the inactive nodes that feed them. */
  Constants constants(List<NodeProto> readers) {
    Set<String> named = new LinkedHashSet<>();
    Set<Integer> makers = new TreeSet<>();
    List<NodeProto> open = new ArrayList<>(readers);
    while (!open.isEmpty()) {
      NodeProto node = open.removeLast();
      for (String value : Nodes.reads(node)) {
        Integer made = maker.get(value);
        if (initializers.containsKey(value)) {
          named.add(value);
        } else if (made != null && !active.contains(value) && makers.add(made)) {
          open.add(nodes.get(made));
        }
      }
    }
    return new Constants(List.copyOf(makers), named.stream().map(initializers::get).toList());
  }

  /**
   * What nodes need beside activations.
   *
   * @param nodes indices of inactive nodes, rising
   * @param initializers constants
   */
  record Constants(List<Integer> nodes, List<TensorProto> initializers) {}
}
