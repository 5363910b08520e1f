package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.model.TensorEncoder;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.size.SizeProbe;
import dev.pleat.onnx.size.Sizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The model as the forward pass: what is known of its values, and which of them it gives. */
final class ForwardPass {
  /** From this file format version on, initializers need not be inputs. */
  private static final long FREE_INITIALIZERS_IR = 4;

  private final OnnxModel model;
  private final String input;
  private final String prefix;
  private final List<ValueInfoProto> inputs;
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, NodeProto> maker = new HashMap<>();
  private final List<NodeProto> shapes = new ArrayList<>();
  private final Set<String> outputs = new LinkedHashSet<>();

  ForwardPass(OnnxModel model, String input, long[] shape) {
    this.model = model;
    this.input = input;
    this.prefix = freePrefix(model);
    this.inputs = inputs(model, input, shape);
    Set<String> values = new LinkedHashSet<>();
    for (NodeProto node : model.nodes()) {
      for (String output : node.getOutputList()) {
        if (!output.isEmpty()) {
          values.add(output);
          maker.put(output, node);
        }
      }
    }
    OnnxSession.infer(proto(model.nodes(), values), model.file())
        .forEach(type -> types.put(type.name(), type));
    inputs.forEach(value -> types.put(value.getName(), declared(value)));
    check();
    observe(values);
  }

  /**
   * Sizes that exporters leave the network to compute are taken from runs: those that stay where
   * every open size of the inputs changes. The first axis is the batch and stays as it is inferred.
   */
  private void observe(Set<String> values) {
    List<TensorType> open =
        values.stream()
            .map(types::get)
            .filter(type -> type != null && type.isFloat() && isOpen(type))
            .toList();
    if (open.isEmpty()) {
      return;
    }
    OnnxModel resized = model.with(proto(model.nodes(), lastValues()));
    Sizes seen = SizeProbe.observe(resized, Map.of(), 1);
    boolean varied =
        inputs.stream()
            .allMatch(
                value -> declared(value).shape().length > 0 && declared(value).shape()[0] > 0);
    if (varied || seen.runs().size() > 1) {
      open.forEach(type ->
          seen.shape(type.name()).ifPresent(runs -> types.put(type.name(), closed(type, runs))));
    }
  }

  private static boolean isOpen(TensorType type) {
    return type.shape().length == 0
        || Arrays.stream(type.shape()).skip(1).anyMatch(size -> size < 0);
  }

  /** What the model itself gives. */
  private Set<String> lastValues() {
    Set<String> last = new LinkedHashSet<>();
    model.graph().getOutputList().forEach(output -> last.add(output.getName()));
    return last;
  }

  private static TensorType closed(TensorType type, List<long[]> runs) {
    long[] first = runs.getFirst();
    if (type.shape().length != 0 && type.shape().length != first.length) {
      return type;
    }
    long[] shape = type.shape().length == 0 ? new long[first.length] : type.shape().clone();
    List<String> symbols = new ArrayList<>();
    for (int d = 0; d < shape.length; d++) {
      int axis = d;
      boolean inferred = type.shape().length > 0;
      boolean same = d > 0 && runs.stream().allMatch(run -> run[axis] == first[axis]);
      shape[d] = inferred && shape[d] >= 0 ? shape[d] : same ? first[d] : -1;
      symbols.add(inferred && shape[d] < 0 ? type.symbols().get(d) : "");
    }
    return new TensorType(type.name(), type.kind(), type.element(), shape, symbols);
  }

  private static String freePrefix(OnnxModel model) {
    Set<String> names = new HashSet<>(model.constants().keySet());
    model.graph().getInputList().forEach(value -> names.add(value.getName()));
    model.nodes().forEach(node -> names.addAll(node.getOutputList()));
    String prefix = "pleat/";
    while (isTaken(names, prefix)) {
      prefix = "_" + prefix;
    }
    return prefix;
  }

  private static boolean isTaken(Set<String> names, String prefix) {
    return names.stream().anyMatch(name -> name.startsWith(prefix));
  }

  private void check() {
    TensorType type = types.get(input);
    if (type == null) {
      throw new PleatException(
          "%s: the model has no input '%s'; it has %s"
              .formatted(
                  model.file(), input, inputs.stream().map(ValueInfoProto::getName).toList()));
    }
    if (type.element() != TensorProto.DataType.FLOAT_VALUE) {
      throw new PleatException(
          "%s: the input '%s' has the element type %d, but only FLOAT inputs have gradients here; name another"
              .formatted(model.file(), input, type.element()));
    }
  }

  /** Graph inputs that are no initializers, with the sizes that were chosen. */
  private static List<ValueInfoProto> inputs(OnnxModel model, String input, long[] shape) {
    List<ValueInfoProto> inputs = new ArrayList<>();
    for (ValueInfoProto value : model.graph().getInputList()) {
      if (!model.constants().containsKey(value.getName())) {
        boolean resized = value.getName().equals(input) && shape.length > 0;
        inputs.add(resized ? resized(model, value, shape) : value);
      }
    }
    return List.copyOf(inputs);
  }

  private static ValueInfoProto resized(OnnxModel model, ValueInfoProto value, long[] shape) {
    TensorShapeProto declared = value.getType().getTensorType().getShape();
    if (value.getType().getTensorType().hasShape() && declared.getDimCount() != shape.length) {
      throw new PleatException(
          "%s: the input '%s' has %d dimensions, but %s has %d; give one size for each"
              .formatted(
                  model.file(),
                  value.getName(),
                  declared.getDimCount(),
                  Arrays.toString(shape),
                  shape.length));
    }
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] >= 0) {
        dims.addDimBuilder().setDimValue(shape[i]);
      } else {
        String symbol = i < declared.getDimCount() ? declared.getDim(i).getDimParam() : "";
        dims.addDimBuilder().setDimParam(symbol.isEmpty() ? "pleat_dim_" + i : symbol);
      }
    }
    ValueInfoProto.Builder resized = value.toBuilder();
    resized.getTypeBuilder().getTensorTypeBuilder().setShape(dims);
    return resized.build();
  }

  private static TensorType declared(ValueInfoProto value) {
    TypeProto.Tensor tensor = value.getType().getTensorType();
    long[] shape = new long[tensor.getShape().getDimCount()];
    List<String> symbols = new ArrayList<>();
    for (int i = 0; i < shape.length; i++) {
      TensorShapeProto.Dimension dim = tensor.getShape().getDim(i);
      shape[i] = dim.hasDimValue() ? dim.getDimValue() : -1;
      symbols.add(dim.getDimParam());
    }
    return new TensorType(
        value.getName(), TensorType.Kind.FLOAT, tensor.getElemType(), shape, symbols);
  }

  OnnxModel model() {
    return model;
  }

  String input() {
    return input;
  }

  /** What is inferred of a value, empty when it is neither an input nor made by a node. */
  Optional<TensorType> type(String value) {
    return Optional.ofNullable(types.get(value));
  }

  /** The constant that a value is, seen through Identity nodes. */
  Optional<Constant> constant(String value) {
    String name = value;
    for (NodeProto node = maker.get(name);
        node != null && Nodes.isStandard(node) && node.getOpType().equals("Identity");
        node = maker.get(name)) {
      name = node.getInput(0);
    }
    return Optional.ofNullable(model.constants().get(name));
  }

  /** The constant's values as a tensor that needs no other file. */
  TensorProto inline(Constant constant) {
    if (constant.proto().getDataLocation() != TensorProto.DataLocation.EXTERNAL) {
      return constant.proto();
    }
    Optional<long[]> integers = model.integers(constant.name());
    return integers.isPresent()
        ? TensorEncoder.integers(constant, constant.name(), integers.get())
        : TensorEncoder.floats(
            constant, constant.name(), new Tensor(constant.shape(), model.floats(constant)));
  }

  /** What names that are made here begin with, and no name of the model does. */
  String prefix() {
    return prefix;
  }

  /** Whether a value is given from outside. */
  boolean isInput(String value) {
    return !maker.containsKey(value);
  }

  /** Makes a value one that the forward pass gives. */
  void give(String value) {
    outputs.add(value);
  }

  /** Makes the shape of a value one that the forward pass gives, and gives its name. */
  String giveShape(String value) {
    String name = prefix + "shape/" + value;
    if (outputs.add(name)) {
      shapes.add(NodeProto.newBuilder().setOpType("Shape").addInput(value).addOutput(name).build());
    }
    return name;
  }

  /** The nodes that the values given so far need, as a model of the original's operator set. */
  ModelProto proto() {
    if (outputs.isEmpty()) {
      // The runtime takes no model without nodes.
      giveShape(input);
    }
    Deque<String> open = new ArrayDeque<>(outputs);
    shapes.forEach(shape -> open.add(shape.getInput(0)));
    Set<String> needed = new HashSet<>();
    while (!open.isEmpty()) {
      String value = open.remove();
      NodeProto node = maker.get(value);
      if (needed.add(value) && node != null) {
        open.addAll(Nodes.reads(node));
      }
    }
    List<NodeProto> nodes = new ArrayList<>();
    for (NodeProto node : model.nodes()) {
      if (!Collections.disjoint(node.getOutputList(), needed)) {
        nodes.add(node);
      }
    }
    nodes.addAll(shapes);
    return proto(nodes, outputs);
  }

  private ModelProto proto(List<NodeProto> nodes, Set<String> values) {
    Set<String> read = new HashSet<>(values);
    read.add(input);
    nodes.forEach(node -> read.addAll(Nodes.reads(node)));
    GraphProto.Builder graph =
        GraphProto.newBuilder().setName(model.graph().getName()).addAllNode(nodes);
    inputs.stream().filter(value -> read.contains(value.getName())).forEach(graph::addInput);
    for (TensorProto tensor : model.graph().getInitializerList()) {
      if (read.contains(tensor.getName())) {
        graph.addInitializer(tensor);
      }
    }
    graph.addAllSparseInitializer(model.graph().getSparseInitializerList());
    values.forEach(value -> graph.addOutput(ValueInfoProto.newBuilder().setName(value)));
    return model.proto().toBuilder()
        .setIrVersion(Math.max(FREE_INITIALIZERS_IR, model.proto().getIrVersion()))
        .setGraph(graph)
        .build();
  }
}
