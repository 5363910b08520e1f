package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.unite.AxisUnion;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.trace.Edge;
import dev.pleat.onnx.trace.Edit;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Rewrites a model's message for merged or united tensors and new widths; whatever they do not
 * touch stays.
 */
final class FoldedGraph {
  /** The first operator set with Where. */
  private static final int SINCE_WHERE = 9;

  private final OnnxModel model;
  private final Trace trace;
  private final List<Clustering> clusterings;
  private final int networks;
  private final List<NodeProto.Builder> nodes = new ArrayList<>();
  private final Map<String, TensorProto> replaced = new TreeMap<>();
  private final List<NodeProto> added = new ArrayList<>();
  private final Map<Integer, List<NodeProto>> before = new TreeMap<>();
  private final Set<String> names = new HashSet<>();

  private FoldedGraph(OnnxModel model, Trace trace, List<Clustering> clusterings, int networks) {
    this.model = model;
    this.trace = trace;
    this.clusterings = clusterings;
    this.networks = networks;
    for (NodeProto node : model.nodes()) {
      nodes.add(node.toBuilder());
      names.addAll(node.getOutputList());
    }
    names.addAll(model.constants().keySet());
    model.graph().getInputList().forEach(input -> names.add(input.getName()));
  }

  /**
   * The folded model.
   *
   * @param clusterings one for each group of the trace
   * @param tensors the merged tensors by name of use
   * @param provenance entries for {@code metadata_props}
   */
  static ModelProto of(
      OnnxModel model,
      Trace trace,
      List<Clustering> clusterings,
      TensorOverlay tensors,
      Map<String, String> provenance) {
    FoldedGraph graph = new FoldedGraph(model, trace, clusterings, 1);
    graph.replaceTensors(tensors);
    graph.applyEdits();
    return graph.build(provenance);
  }

  /**
   * The model as the union of several networks, whose groups are as wide as all of theirs.
   *
   * @param networks how many, at least 2; no group of the trace may be in an {@link Edit.Repeated}
   * @param tensors the united tensors by name of use
   * @param constants other constants that change, by name
   * @param provenance entries for {@code metadata_props}
   */
  static ModelProto united(
      OnnxModel model,
      Trace trace,
      int networks,
      TensorOverlay tensors,
      Map<String, TensorProto> constants,
      Map<String, String> provenance) {
    List<Clustering> whole =
        trace.groups().stream().map(group -> Clustering.identity(group.width())).toList();
    FoldedGraph graph = new FoldedGraph(model, trace, whole, networks);
    graph.replaceTensors(tensors);
    graph.replaced.putAll(constants);
    graph.applyEdits();
    return graph.build(provenance);
  }

  private int size(Edit.Axis axis) {
    return size(axis, 0, axis.ids().length);
  }

  /** Positions of a part of an axis in the new model. */
  private int size(Edit.Axis axis, int from, int to) {
    return networks == 1
        ? trace.kept(axis, clusterings, from, to)
        : trace.united(axis, networks).size(from, to);
  }

  /**
   * A constant keeps its name for one version of its values; other uses get constants of their own.
   */
  private void replaceTensors(TensorOverlay tensors) {
    Map<String, List<String>> uses = new TreeMap<>();
    trace
        .uses()
        .forEach((name, use) ->
            uses.computeIfAbsent(use.constant().name(), n -> new ArrayList<>()).add(name));
    Set<String> written = tensors.written();
    uses.forEach((name, list) -> {
      list.sort(null);
      Constant constant = model.constant(name);
      boolean free = written.containsAll(list);
      Map<String, Tensor> versions = new TreeMap<>();
      for (String use : list) {
        if (!written.contains(use)) {
          continue;
        }
        Tensor tensor = tensors.read(use);
        String version = find(versions, tensor);
        if (version.isEmpty()) {
          version = free ? name : fresh(name);
          versions.put(version, tensor);
          if (free) {
            replaced.put(name, TensorEncoder.floats(constant, name, tensor));
          } else {
            add(TensorEncoder.floats(constant, version, tensor));
          }
          free = false;
        }
        if (!version.equals(name)) {
          rewire(trace.use(use).edge(), version);
        }
      }
    });
  }

  private static String find(Map<String, Tensor> versions, Tensor tensor) {
    for (Map.Entry<String, Tensor> version : versions.entrySet()) {
      if (Arrays.equals(version.getValue().shape(), tensor.shape())
          && Arrays.equals(version.getValue().values(), tensor.values())) {
        return version.getKey();
      }
    }
    return "";
  }

  private void applyEdits() {
    Map<Edge, TreeMap<Integer, Long>> literals = new java.util.LinkedHashMap<>();
    for (Edit edit : trace.edits()) {
      switch (edit) {
        case Edit.Count(int node, String attribute, Edit.Axis axis) ->
            setInteger(node, attribute, size(axis));
        case Edit.Literal(Edge edge, int element, Edit.Axis axis) ->
            literals.computeIfAbsent(edge, e -> new TreeMap<>()).put(element, (long) size(axis));
        case Edit.SplitSizes(int node, List<Edit.Axis> pieces) -> split(node, pieces);
        case Edit.SliceBounds bounds -> slice(bounds);
        case Edit.Numbers numbers -> numbers(numbers);
        case Edit.Indices indices -> indices(indices);
        case Edit.Repeated repeated -> repeat(repeated);
      }
    }
    literals.forEach(this::rewriteLiteral);
  }

  private void rewriteLiteral(Edge edge, TreeMap<Integer, Long> elements) {
    String name = model.nodes().get(edge.node()).getInput(edge.input());
    Constant constant = model.constant(name);
    long[] before = model.integers(name).orElseThrow();
    long[] after = before.clone();
    elements.forEach((element, value) -> after[element] = value);
    if (!Arrays.equals(before, after)) {
      TensorProto tensor = TensorEncoder.integers(constant, fresh(name), after);
      add(tensor);
      rewire(edge, tensor.getName());
    }
  }

  private void split(int node, List<Edit.Axis> pieces) {
    long[] after = pieces.stream().mapToLong(axis -> size(axis)).toArray();
    long[] before = pieces.stream().mapToLong(axis -> axis.ids().length).toArray();
    if (!Arrays.equals(before, after)) {
      setIntegers(node, 1, "split", 13, after);
      removeAttribute(nodes.get(node), "num_outputs");
    }
  }

  private void slice(Edit.SliceBounds bounds) {
    long[] starts = bounds.starts().clone();
    long[] ends = bounds.ends().clone();
    // Bounds that are computed from another width would follow that one.
    if (isIdentity()) {
      return;
    }
    for (Edit.Cut cut : bounds.cuts()) {
      starts[cut.index()] = size(cut.axis(), 0, cut.start());
      ends[cut.index()] = size(cut.axis(), 0, cut.end());
    }
    setIntegers(bounds.node(), 1, "starts", 10, starts);
    setIntegers(bounds.node(), 2, "ends", 10, ends);
    if (model.opset() >= 10) {
      // All of them have to be integers of one type.
      replaceIntegers(bounds.node(), 3, "axes", bounds.axes());
      replaceIntegers(bounds.node(), 4, "steps", bounds.steps());
    }
  }

  private void numbers(Edit.Numbers numbers) {
    long[] after = numbers.values().clone();
    boolean[] set = numbers.given().clone();
    boolean changed = false;
    for (int e = 0; e < after.length; e++) {
      Edit.Axis axis = numbers.widths().get(e);
      // A size that is computed from another width would follow that one.
      boolean moved = isResized(axis) || numbers.from().get(e).stream().anyMatch(this::isResized);
      after[e] = axis.ids().length == 0 ? after[e] : size(axis);
      set[e] |= moved;
      changed |= moved;
    }
    if (!changed) {
      return;
    }
    boolean whole = IntStream.range(0, set.length).allMatch(e -> set[e]);
    Edge edge = numbers.edge();
    String before = nodes.get(edge.node()).getInput(edge.input());
    setInput(edge, "sizes", after);
    if (!whole && model.opset() >= SINCE_WHERE) {
      choose(edge, set, before);
    }
  }

  private boolean isResized(Edit.Axis axis) {
    return size(axis) != axis.ids().length;
  }

  /** Lets the elements of an input that are not set be those of another value. */
  private void choose(Edge edge, boolean[] set, String other) {
    NodeProto.Builder node = nodes.get(edge.node());
    String numbers = node.getInput(edge.input());
    String mask = fresh(numbers + "_set");
    add(TensorEncoder.mask(mask, set));
    String output = fresh(numbers + "_chosen");
    before
        .computeIfAbsent(edge.node(), n -> new ArrayList<>())
        .add(
            NodeProto.newBuilder()
                .setOpType("Where")
                .setName(output)
                .addInput(mask)
                .addInput(numbers)
                .addInput(other)
                .addOutput(output)
                .build());
    rewire(edge, output);
  }

  private boolean isIdentity() {
    return networks == 1 && clusterings.stream().allMatch(Clustering::isIdentity);
  }

  private void indices(Edit.Indices indices) {
    if (networks > 1) {
      pick(indices, unitedIndices(indices));
      return;
    }
    int[] rank = new int[indices.axis().ids().length];
    int kept = 0;
    for (int p = 0; p < rank.length; p++) {
      boolean stays = trace.keeps(indices.axis(), p, clusterings);
      rank[p] = stays ? kept : -1;
      kept += stays ? 1 : 0;
    }
    if (kept == rank.length) {
      return;
    }
    long[] after =
        Arrays.stream(indices.positions())
            .filter(p -> rank[p] >= 0)
            .mapToLong(p -> rank[p])
            .toArray();
    pick(indices, after);
  }

  /** The same choice for each network, runs of one channel together as on the axis itself. */
  private long[] unitedIndices(Edit.Indices indices) {
    AxisUnion axis = trace.united(indices.axis(), networks);
    int[] picked = indices.positions();
    List<Long> after = new ArrayList<>();
    for (int p = 0; p < picked.length; ) {
      int end = p + 1;
      while (end < picked.length
          && axis.isApart(picked[p])
          && picked[end] == picked[end - 1] + 1
          && axis.position(picked[end], 0) == axis.position(picked[end - 1], 0) + 1) {
        end++;
      }
      for (int m = 0; m < (axis.isApart(picked[p]) ? networks : 1); m++) {
        for (int q = p; q < end; q++) {
          after.add((long) axis.position(picked[q], m));
        }
      }
      p = end;
    }
    return after.stream().mapToLong(Long::longValue).toArray();
  }

  private void pick(Edit.Indices indices, long[] after) {
    Edge edge = indices.edge();
    List<Long> dims =
        indices.shape().length == 1
            ? List.of((long) after.length)
            : Arrays.stream(indices.shape()).boxed().toList();
    String name = fresh(nodes.get(edge.node()).getOutput(0) + "_indices");
    add(TensorEncoder.integers(name, dims, after));
    rewire(edge, name);
  }

  private void repeat(Edit.Repeated repeated) {
    if (size(repeated.axis()) == repeated.axis().ids().length) {
      return;
    }
    int[] from = trace.merged(repeated.axis(), clusterings);
    Edge edge = repeated.edge();
    String input = nodes.get(edge.node()).getInput(edge.input());
    String indices = fresh(input + "_members");
    add(TensorEncoder.vector(indices, Arrays.stream(from).asLongStream().toArray()));
    String output = fresh(input + "_repeated");
    before
        .computeIfAbsent(edge.node(), n -> new ArrayList<>())
        .add(
            NodeProto.newBuilder()
                .setOpType("Gather")
                .setName(output)
                .addInput(input)
                .addInput(indices)
                .addOutput(output)
                .addAttribute(Attributes.integer("axis", repeated.at()))
                .build());
    rewire(edge, output);
  }

  /** Sets numbers that became an input in operator set {@code since}. */
  private void setIntegers(int node, int input, String attribute, int since, long[] values) {
    if (model.opset() < since) {
      removeAttribute(nodes.get(node), attribute);
      nodes.get(node).addAttribute(Attributes.integers(attribute, values));
    } else {
      setInput(new Edge(node, input), attribute, values);
    }
  }

  private void replaceIntegers(int node, int input, String name, long[] values) {
    if (values.length > 0) {
      setInput(new Edge(node, input), name, values);
    }
  }

  private void setInput(Edge edge, String what, long[] values) {
    NodeProto.Builder node = nodes.get(edge.node());
    TensorProto tensor = TensorEncoder.vector(fresh(node.getOutput(0) + "_" + what), values);
    add(tensor);
    while (node.getInputCount() <= edge.input()) {
      node.addInput("");
    }
    rewire(edge, tensor.getName());
  }

  private void setInteger(int node, String name, long value) {
    NodeProto.Builder builder = nodes.get(node);
    for (int a = 0; a < builder.getAttributeCount(); a++) {
      if (builder.getAttribute(a).getName().equals(name)) {
        builder.getAttributeBuilder(a).setI(value);
      }
    }
  }

  private static void removeAttribute(NodeProto.Builder node, String name) {
    for (int a = node.getAttributeCount() - 1; a >= 0; a--) {
      if (node.getAttribute(a).getName().equals(name)) {
        node.removeAttribute(a);
      }
    }
  }

  private void rewire(Edge edge, String name) {
    nodes.get(edge.node()).setInput(edge.input(), name);
  }

  private String fresh(String name) {
    int n = 1;
    while (!names.add(name + "_folded" + n)) {
      n++;
    }
    return name + "_folded" + n;
  }

  /** New constants are nodes: file formats before IR 4 want initializers among the inputs. */
  private void add(TensorProto tensor) {
    added.add(Nodes.constant(tensor.getName(), tensor));
  }

  private ModelProto build(Map<String, String> provenance) {
    GraphProto.Builder graph = model.graph().toBuilder().clearNode();
    graph.addAllNode(added);
    for (int n = 0; n < nodes.size(); n++) {
      NodeProto.Builder node = nodes.get(n);
      graph.addAllNode(before.getOrDefault(n, List.of()));
      TensorProto tensor = node.getOutputCount() == 1 ? replaced.get(node.getOutput(0)) : null;
      if (tensor != null && node.getOpType().equals("Constant")) {
        node.clearAttribute().addAttribute(Attributes.tensor("value", tensor));
      }
      graph.addNode(node);
    }
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = replaced.get(graph.getInitializer(i).getName());
      if (tensor != null) {
        graph.setInitializer(i, tensor);
      }
    }
    removeUnread(graph);
    reshapeDeclarations(graph);
    ModelProto.Builder result = model.proto().toBuilder().setGraph(graph);
    for (int i = result.getMetadataPropsCount() - 1; i >= 0; i--) {
      if (provenance.containsKey(result.getMetadataProps(i).getKey())) {
        result.removeMetadataProps(i);
      }
    }
    provenance.forEach((key, value) ->
        result.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return result.build();
  }

  /**
   * Numbers that nothing reads any more go: a runtime may want their names for its own. Those among
   * the inputs of old formats stay, and so does what nothing ever read.
   */
  private void removeUnread(GraphProto.Builder graph) {
    Set<String> read = new HashSet<>();
    graph.getNodeList().forEach(node -> read.addAll(Nodes.reads(node)));
    graph.getOutputList().forEach(output -> read.add(output.getName()));
    graph.getInputList().forEach(input -> read.add(input.getName()));
    Set<String> unread = new HashSet<>();
    model.nodes().forEach(node -> unread.addAll(Nodes.reads(node)));
    unread.removeAll(read);
    for (int i = graph.getInitializerCount() - 1; i >= 0; i--) {
      if (unread.contains(graph.getInitializer(i).getName())) {
        graph.removeInitializer(i);
      }
    }
  }

  /** Declared shapes of values in between, and of initializers that old formats list as inputs. */
  private void reshapeDeclarations(GraphProto.Builder graph) {
    for (int i = 0; i < graph.getValueInfoCount(); i++) {
      List<Edit.Axis> axes = trace.axes().get(graph.getValueInfo(i).getName());
      if (axes != null) {
        reshape(graph.getValueInfoBuilder(i), axes);
      }
    }
    for (int i = 0; i < graph.getInputCount(); i++) {
      TensorProto tensor = replaced.get(graph.getInput(i).getName());
      if (tensor != null) {
        TensorShapeProto.Builder shape =
            graph.getInputBuilder(i).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        for (int d = 0; d < Math.min(shape.getDimCount(), tensor.getDimsCount()); d++) {
          shape.getDimBuilder(d).setDimValue(tensor.getDims(d));
        }
      }
    }
  }

  private void reshape(ValueInfoProto.Builder info, List<Edit.Axis> axes) {
    if (!info.getType().getTensorType().hasShape()) {
      return;
    }
    TensorShapeProto.Builder shape = info.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    for (int d = 0; d < Math.min(shape.getDimCount(), axes.size()); d++) {
      if (axes.get(d).ids().length > 0 && shape.getDim(d).hasDimValue()) {
        shape.getDimBuilder(d).setDimValue(size(axes.get(d)));
      }
    }
  }
}
