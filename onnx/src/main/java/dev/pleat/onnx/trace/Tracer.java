package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Walks a graph once and records what its operators say of channels. */
final class Tracer {
  /** A slot before channels have groups: positions hold ids. */
  record RawSlot(String use, int axis, Label label, int partitions, Role role) {}

  /** A weight that multiplies. */
  record Work(String use, long positions) {}

  /** A grouped layer. */
  record Chunks(Label label, int partitions, String what) {}

  private record Axis(String use, int axis) {}

  private final OnnxModel model;
  private final Map<String, long[]> inputShapes;
  private final Channels channels = new Channels();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Value> declared = new HashMap<>();
  private final Set<String> modelValues = new HashSet<>();
  private final List<Label> labels = new ArrayList<>();
  private final Map<Label, Axis> axisOf = new HashMap<>();
  private final Map<Axis, RawSlot> slots = new LinkedHashMap<>();
  private final Map<String, Value> tied = new HashMap<>();
  private final Map<String, Use> uses = new LinkedHashMap<>();
  private final Map<String, Work> work = new LinkedHashMap<>();
  private final List<Chunks> chunks = new ArrayList<>();
  private final Map<BatchNorm, Label> normalizations = new LinkedHashMap<>();
  private final List<Edit> edits = new ArrayList<>();
  private final Map<ShapeElement.Literal, Label> sizes = new LinkedHashMap<>();
  private long symbols;
  private boolean workKnown = true;

  Tracer(OnnxModel model, Map<String, long[]> inputShapes) {
    this.model = model;
    this.inputShapes = inputShapes;
  }

  /** Walks the graph. */
  void run() {
    Map<String, Long> named = new HashMap<>();
    model
        .graph()
        .getValueInfoList()
        .forEach(info -> declared.put(info.getName(), value(info, named)));
    model.graph().getOutputList().forEach(info -> declared.put(info.getName(), value(info, named)));
    for (ValueInfoProto input : model.graph().getInputList()) {
      if (!model.constants().containsKey(input.getName())) {
        values.put(input.getName(), value(input, named));
      }
    }
    List<NodeProto> nodes = model.nodes();
    for (int n = 0; n < nodes.size(); n++) {
      step(nodes.get(n), n);
    }
    for (ValueInfoProto output : model.graph().getOutputList()) {
      Value value = read(output.getName(), new Edge(nodes.size(), 0));
      for (Label label : value.labels()) {
        freeze(label, "it is the model output '" + output.getName() + "'");
      }
    }
    sizes.forEach((literal, label) ->
        edits.add(new Edit.Literal(literal.edge(), literal.element(), new Edit.Axis(label.ids()))));
  }

  private void step(NodeProto node, int index) {
    NodeContext context = new NodeContext(this, node, index);
    boolean constant =
        context.inputCount() > 0 && context.inputs().stream().noneMatch(Value::isActivation);
    boolean view = constant && OpRules.isView(node);
    if (constant && !view) {
      context.forgetLabels();
    }
    ShapeArithmetic.guard(context);
    try {
      OpRules.of(node).apply(context);
    } catch (IndexOutOfBoundsException | NoSuchElementException | ArithmeticException e) {
      // The runtime is the judge of such a node; channels that it touches are left alone.
      context.freezeInputs("has inputs or attributes that contradict each other");
      for (int i = 0; i < context.outputCount(); i++) {
        context.out(i, Value.unranked());
      }
    }
    ShapeArithmetic.apply(context);
    for (String captured : Nodes.captured(node)) {
      for (Label label : read(captured, new Edge(index, node.getInputCount())).labels()) {
        freeze(label, "it is used inside the body of " + Nodes.describe(node));
      }
    }
    for (int i = 0; i < context.outputCount(); i++) {
      Value value = context.out(i);
      if (view) {
        value = value.from(Value.Source.CONSTANT);
      } else if (constant || node.getOpType().equals("Constant")) {
        value = value.from(Value.Source.COMPUTED);
      }
      if (!model.constants().containsKey(node.getOutput(i))) {
        values.put(node.getOutput(i), value);
      }
    }
  }

  long opset() {
    return model.opset();
  }

  long symbol() {
    return --symbols;
  }

  /** What the file itself says of a value that no rule describes. */
  Value declared(String name) {
    return declared.getOrDefault(name, Value.unranked());
  }

  private Value value(ValueInfoProto info, Map<String, Long> named) {
    if (!info.getType().getTensorType().hasShape()) {
      return Value.unranked();
    }
    List<TensorShapeProto.Dimension> shape = info.getType().getTensorType().getShape().getDimList();
    long[] dims = new long[shape.size()];
    long[] given = inputShapes.get(info.getName());
    for (int i = 0; i < dims.length; i++) {
      TensorShapeProto.Dimension dim = shape.get(i);
      if (given != null && given.length == dims.length) {
        dims[i] = given[i];
      } else if (dim.hasDimValue() && dim.getDimValue() >= 0) {
        dims[i] = dim.getDimValue();
      } else {
        // Exporters give different axes of one input the same name, so a name counts by axis.
        dims[i] =
            dim.getDimParam().isEmpty()
                ? symbol()
                : named.computeIfAbsent(dim.getDimParam() + " " + i, name -> symbol());
      }
    }
    return Value.plain(dims);
  }

  /** A value as one node reads it. */
  Value read(String name, Edge edge) {
    Constant constant = model.constants().get(name);
    if (constant == null) {
      return values.getOrDefault(name, Value.unranked());
    }
    if (!constant.isFloat()) {
      return integers(constant, edge);
    }
    long largest = IntStream.of(constant.shape()).max().orElse(1);
    boolean vector = constant.elements() == largest;
    Value known = tied.get(name);
    if (!vector && known != null) {
      return known;
    }
    String use = name;
    if (uses.containsKey(use)) {
      use = name + "#" + edge.node() + "." + edge.input();
    }
    uses.put(use, new Use(constant, edge));
    Value value = fresh(constant, use);
    tied.put(name, value);
    return value;
  }

  private Value fresh(Constant constant, String use) {
    int rank = constant.shape().length;
    long[] dims = new long[rank];
    Label[] axes = Value.none(rank);
    for (int i = 0; i < rank; i++) {
      dims[i] = constant.shape()[i];
      if (dims[i] > 1) {
        axes[i] = label(channels.fresh((int) dims[i]));
        axisOf.put(axes[i], new Axis(use, i));
      }
    }
    return Value.of(dims, axes).from(Value.Source.CONSTANT);
  }

  private Value integers(Constant constant, Edge edge) {
    long[] dims = IntStream.of(constant.shape()).asLongStream().toArray();
    Value value = Value.plain(dims).from(Value.Source.CONSTANT);
    Optional<long[]> integers =
        dims.length <= 1 && constant.elements() <= 64
            ? model.integers(constant.name())
            : Optional.empty();
    return value.holding(
        integers.map(list ->
            IntStream.range(0, list.length)
                .mapToObj(i -> new ShapeElement(true, list[i], new ShapeElement.Literal(edge, i)))
                .toList()));
  }

  /** The numbers of a floating-point constant of at most 16 elements. */
  Optional<float[]> floats(String name) {
    Constant constant = model.constants().get(name);
    return constant == null || !constant.isFloat() || constant.elements() > 16
        ? Optional.empty()
        : Optional.of(model.floats(constant));
  }

  /** Registers a label; an axis of one position holds no channels worth a label. */
  Label label(int[] ids) {
    Label label = new Label(ids);
    labels.add(label);
    return label;
  }

  Label unify(Label a, Label b, String what) {
    if (a == b || !b.exists()) {
      freezeIfAlone(a, b, what);
      return a;
    }
    if (!a.exists()) {
      freezeIfAlone(b, a, what);
      return b;
    }
    if (a.size() != b.size()) {
      freeze(a, what + " combines axes of %d and %d".formatted(a.size(), b.size()));
      freeze(b, what + " combines axes of %d and %d".formatted(a.size(), b.size()));
      return a;
    }
    for (int i = 0; i < a.size(); i++) {
      int x = a.ids()[i];
      int y = b.ids()[i];
      if (x != Label.FIXED && y != Label.FIXED) {
        channels.union(x, y);
      } else if (x != y) {
        channels.freeze(Math.max(x, y), what + " ties it to a fixed position");
      }
    }
    return a;
  }

  private void freezeIfAlone(Label label, Label other, String what) {
    if (label != other) {
      freeze(label, what + " ties it to an axis that cannot fold");
    }
  }

  /** Whether two labels are the same channels in the same order by now. */
  boolean same(Label a, Label b) {
    if (a == b) {
      return true;
    }
    if (a.size() != b.size()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      int x = a.ids()[i];
      int y = b.ids()[i];
      boolean fixed = x == Label.FIXED || y == Label.FIXED;
      if (fixed ? x != y : channels.find(x) != channels.find(y)) {
        return false;
      }
    }
    return true;
  }

  void freeze(Label label, String why) {
    for (int id : label.ids()) {
      if (id != Label.FIXED) {
        channels.freeze(id, why);
      }
    }
  }

  void role(Label label, Role role, String what) {
    if (!label.exists()) {
      return;
    }
    Axis axis = axisOf.get(label);
    if (axis == null) {
      freeze(label, what + " reads a rearranged weight");
      return;
    }
    add(axis, new RawSlot(axis.use, axis.axis, label, 1, role), what);
  }

  void partitioned(Label weightAxis, Label label, Role role, int partitions, String what) {
    Axis axis = axisOf.get(weightAxis);
    if (axis == null) {
      freeze(label, what + " reads a rearranged weight");
      return;
    }
    add(axis, new RawSlot(axis.use, axis.axis, label, partitions, role), what);
  }

  private void add(Axis axis, RawSlot slot, String what) {
    RawSlot known = slots.putIfAbsent(axis, slot);
    if (known == null) {
      return;
    }
    boolean consumers = known.role == Role.CONSUMER;
    if (consumers != (slot.role == Role.CONSUMER) || known.partitions != slot.partitions) {
      freeze(known.label, what + " shares a weight that is used in another role elsewhere");
      freeze(slot.label, what + " shares a weight that is used in another role elsewhere");
      return;
    }
    unify(known.label, slot.label, what);
    if (known.role == Role.STATISTIC || slot.role == Role.PRODUCER) {
      slots.put(axis, slot);
    }
  }

  void chunks(Label label, int partitions, String what) {
    chunks.add(new Chunks(label, partitions, what));
  }

  void work(Value weight, long positions) {
    Optional<Axis> axis =
        java.util.Arrays.stream(weight.labels())
            .filter(axisOf::containsKey)
            .map(axisOf::get)
            .findFirst();
    if (axis.isEmpty()) {
      return;
    }
    if (positions < 0) {
      workKnown = false;
      return;
    }
    work.merge(
        axis.get().use,
        new Work(axis.get().use, positions),
        (a, b) -> new Work(a.use, a.positions + b.positions));
  }

  void normalization(Label label, BatchNorm norm) {
    normalizations.put(norm, label);
  }

  void edit(Edit edit) {
    edits.add(edit);
  }

  void size(ShapeElement element, Label label, String what) {
    switch (element.origin()) {
      case ShapeElement.Literal literal -> {
        Label known = sizes.putIfAbsent(literal, label);
        if (known != null) {
          unify(known, label, what);
        }
      }
      case ShapeElement.Dimension(Label other) -> {
        if (!same(other, label)) {
          freeze(label, what + " takes its size from another axis");
          freeze(other, what + " sizes another axis by it");
        }
      }
      case ShapeElement.Computed computed -> freeze(label, what + " has a computed size");
    }
  }

  Channels channels() {
    return channels;
  }

  List<Label> labels() {
    return labels;
  }

  List<RawSlot> slots() {
    return List.copyOf(slots.values());
  }

  Map<String, Use> uses() {
    return uses;
  }

  /** The use that a slot's tensor names. */
  Use use(String tensor) {
    return Objects.requireNonNull(uses.get(tensor), tensor);
  }

  List<Work> work() {
    return List.copyOf(work.values());
  }

  boolean workKnown() {
    return workKnown;
  }

  List<Chunks> chunks() {
    return chunks;
  }

  Map<BatchNorm, Label> normalizations() {
    return normalizations;
  }

  List<Edit> edits() {
    return edits;
  }

  Map<String, Value> values() {
    return values;
  }

  /** The slot of a constant's axis behind a label, if a rule gave it a role. */
  Optional<RawSlot> slot(Label label) {
    Axis axis = axisOf.get(label);
    return axis == null ? Optional.empty() : Optional.ofNullable(slots.get(axis));
  }
}
