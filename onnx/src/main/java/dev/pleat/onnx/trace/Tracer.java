package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Constant;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.size.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final SeenSizes seen;
  private final boolean sizedByData;
  private final Map<String, long[]> inputShapes;
  private final Splits splits;
  private final List<Label> heads = new ArrayList<>();
  private final Replicas replicas = new Replicas();
  private final Channels channels = new Channels();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Value> declared = new HashMap<>();
  private final List<Label> labels = new ArrayList<>();
  private final Map<Label, Axis> axisOf = new HashMap<>();
  private final Map<Axis, RawSlot> slots = new LinkedHashMap<>();
  private final Map<String, Value> tied = new HashMap<>();
  private final Map<String, Use> uses = new LinkedHashMap<>();
  private final Map<String, Work> work = new LinkedHashMap<>();
  private final List<Chunks> chunks = new ArrayList<>();
  private final Map<BatchNorm, Label> normalizations = new LinkedHashMap<>();
  private final WidthEdits edits = new WidthEdits(this);
  private boolean workKnown = true;

  /**
   * A walk.
   *
   * @param known what was seen of sizes
   * @param splits choices of earlier walks
   */
  Tracer(OnnxModel model, Sizes known, Splits splits) {
    this.model = model;
    this.seen = new SeenSizes(known);
    this.sizedByData = SizesOfData.areIn(model);
    this.inputShapes = known.inputs();
    this.splits = splits;
  }

  /** Whether a size that was the same in all runs may be another in the next one. */
  boolean isSizedByData() {
    return sizedByData;
  }

  /** Walks the graph. */
  void run() {
    splits.begin();
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
    replicas.settle();
    for (ValueInfoProto output : model.graph().getOutputList()) {
      Value value = read(output.getName(), new Edge(nodes.size(), 0));
      for (Label label : value.labels()) {
        freeze(label, "it is the model output '" + output.getName() + "'");
      }
    }
  }

  private void step(NodeProto node, int index) {
    NodeContext context = new NodeContext(this, node, index);
    boolean constant =
        context.inputCount() > 0 && context.inputs().stream().noneMatch(Value::isActivation);
    boolean view = constant && Nodes.isView(node) && context.has(0) && context.in(0).isConstant();
    if (constant && !view) {
      context.compute();
    }
    try {
      OpRules.of(node).apply(context);
      ShapeArithmetic.apply(context);
    } catch (IndexOutOfBoundsException
        | NoSuchElementException
        | NegativeArraySizeException
        | ArithmeticException e) {
      // The runtime is the judge of such a node; channels that it touches are left alone.
      context.freezeInputs("has inputs or attributes that contradict each other");
      for (int i = 0; i < context.outputCount(); i++) {
        context.out(i, Value.unranked());
      }
    }
    for (String captured : Nodes.captured(node)) {
      for (Label label : read(captured, new Edge(index, node.getInputCount())).labels()) {
        freeze(label, "it is used inside the body of " + Nodes.describe(node));
      }
    }
    for (int i = 0; i < context.outputCount(); i++) {
      Value value = asSeen(node, i, context.out(i));
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

  /** A rule's result with the shape and the integers that were seen. */
  private Value asSeen(NodeProto node, int output, Value value) {
    String name = node.getOutput(output);
    Value result = value;
    Optional<long[]> shape = seen.shape(name);
    if (shape.isPresent()) {
      long[] dims = shape.get();
      boolean fits = value.ranked() && value.rank() == dims.length;
      Label[] kept = Value.none(dims.length);
      for (int i = 0; i < value.labels().length; i++) {
        Label label = value.labels()[i];
        if (fits && (!label.exists() || label.size() == dims[i])) {
          kept[i] = label;
        } else {
          freeze(label, Nodes.describe(node) + " has an axis whose size varies");
        }
      }
      result = Value.of(dims, kept).from(value.source()).holding(value.elements());
    }
    return result.holding(result.elements().map(traced -> seen.merged(name, traced)));
  }

  SeenSizes seen() {
    return seen;
  }

  Splits splits() {
    return splits;
  }

  Replicas replicas() {
    return replicas;
  }

  void tie(Label label, int[] lowest, String what) {
    for (int p = 0; p < lowest.length; p++) {
      int x = label.ids()[p];
      int y = label.ids()[lowest[p]];
      if (x != Label.FIXED && y != Label.FIXED) {
        channels.union(x, y);
      } else if (x != y) {
        channels.freeze(Math.max(x, y), what + " ties it to a fixed position");
      }
    }
  }

  void heads(Label label) {
    heads.add(label);
  }

  /** Channels that came out of a split and are heads of attention. */
  Set<Integer> headChannels() {
    Set<Integer> split = new HashSet<>();
    splits.chosen().forEach(label -> roots(label, split));
    Set<Integer> all = new HashSet<>();
    heads.forEach(label -> roots(label, all));
    all.retainAll(split);
    return all;
  }

  private void roots(Label label, Set<Integer> roots) {
    for (int id : label.ids()) {
      if (id != Label.FIXED) {
        roots.add(channels.find(id));
      }
    }
  }

  long opset() {
    return model.opset();
  }

  /** What the file itself says of a value that no rule describes. */
  Value declared(String name) {
    return declared.getOrDefault(name, Value.unranked());
  }

  private Value value(ValueInfoProto info, Map<String, Long> named) {
    Optional<long[]> known = seen.shape(info.getName());
    if (known.isPresent()) {
      return Value.plain(known.get());
    }
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
                ? seen.symbol()
                : named.computeIfAbsent(dim.getDimParam() + " " + i, name -> seen.symbol());
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

  Optional<long[]> constantIntegers(String name) {
    return model.integers(name);
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
    if (label != other && label.exists() && !replicas.follow(other, label)) {
      splits.vote(other);
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
        Arrays.stream(weight.labels()).filter(axisOf::containsKey).map(axisOf::get).findFirst();
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

  WidthEdits edits() {
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
