package dev.pleat.onnx.trace;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One node as its rule sees it: inputs, attributes, and what can be said of channels. */
final class NodeContext {
  private final Tracer tracer;
  private final NodeProto node;
  private final int index;
  private final List<Optional<Value>> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();

  NodeContext(Tracer tracer, NodeProto node, int index) {
    this.tracer = tracer;
    this.node = node;
    this.index = index;
    for (int i = 0; i < node.getInputCount(); i++) {
      String name = node.getInput(i);
      inputs.add(
          name.isEmpty() ? Optional.empty() : Optional.of(tracer.read(name, new Edge(index, i))));
    }
    for (String output : node.getOutputList()) {
      outputs.add(tracer.declared(output));
    }
  }

  NodeProto node() {
    return node;
  }

  int index() {
    return index;
  }

  long opset() {
    return tracer.opset();
  }

  int inputCount() {
    return inputs.size();
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i).isPresent();
  }

  Value in(int i) {
    return inputs.get(i).orElseThrow();
  }

  /** The inputs that are there. */
  List<Value> inputs() {
    return inputs.stream().flatMap(Optional::stream).toList();
  }

  /**
   * Takes the first of inputs that are all constant for an activation: what is computed from it can
   * be channels that the others make, or those of a vector.
   */
  void compute() {
    inputs.set(0, inputs.getFirst().map(this::computed));
  }

  private Value computed(Value value) {
    if (!value.isConstant()) {
      return value;
    }
    boolean vector = Arrays.stream(value.dims()).filter(dim -> dim != 1).count() == 1;
    if (!vector) {
      return value.withoutLabels().from(Value.Source.ACTIVATION);
    }
    Arrays.stream(value.labels()).forEach(label -> role(label, Role.PRODUCER));
    return value.from(Value.Source.ACTIVATION);
  }

  int outputCount() {
    return node.getOutputCount();
  }

  Value out(int i) {
    return outputs.get(i);
  }

  void out(int i, Value value) {
    if (i < outputs.size()) {
      outputs.set(i, value);
    }
  }

  void out(int i, long[] dims, Label[] labels) {
    out(i, Value.of(dims, consistent(dims, labels)));
  }

  /** No runtime runs a model whose constants contradict each other, but not every fold is run. */
  private Label[] consistent(long[] dims, Label[] labels) {
    Label[] safe = labels.clone();
    for (int d = 0; d < dims.length; d++) {
      if (labels[d].exists() && dims[d] >= 0 && dims[d] != labels[d].size()) {
        freeze(
            labels[d],
            "makes %d positions of its %d channels".formatted(dims[d], labels[d].size()));
        safe[d] = Label.NONE;
      }
    }
    return safe;
  }

  List<Value> outputs() {
    return outputs;
  }

  /** A value of which no more than its rank is known; it holds no channels. */
  Value unknown(int rank) {
    long[] dims = new long[rank];
    Arrays.setAll(dims, i -> symbol());
    return Value.plain(dims);
  }

  long symbol() {
    return tracer.seen().symbol();
  }

  long integer(String name, long absent) {
    return Nodes.integer(node, name, absent);
  }

  /**
   * The known integers of an input or, in older operator sets, of the attribute of the same name.
   */
  Optional<long[]> integers(int input, String attribute) {
    if (has(input)) {
      return in(input)
          .elements()
          .filter(elements -> elements.stream().allMatch(ShapeElement::known))
          .map(elements -> elements.stream().mapToLong(ShapeElement::value).toArray());
    }
    return Nodes.integers(node, attribute);
  }

  /** The integers of a constant input, or those that it was seen to hold. */
  Optional<long[]> constantIntegers(int input) {
    Optional<long[]> constant = tracer.constantIntegers(node.getInput(input));
    return constant.isPresent() ? constant : integers(input, "");
  }

  /** The numbers of a short floating-point constant, or of the attribute in older operator sets. */
  Optional<float[]> scales(int input) {
    if (has(input)) {
      return tracer.floats(node.getInput(input));
    }
    return Nodes.attribute(node, "scales")
        .map(a -> {
          float[] scales = new float[a.getFloatsCount()];
          for (int i = 0; i < scales.length; i++) {
            scales[i] = a.getFloats(i);
          }
          return scales;
        });
  }

  /** Makes two labels the same channels position by position and gives the result. */
  Label unify(Label a, Label b) {
    return tracer.unify(a, b, describe());
  }

  void freeze(Label label, String what) {
    tracer.freeze(label, describe() + " " + what);
  }

  void freezeInputs(String what) {
    for (Value value : inputs()) {
      for (Label label : value.labels()) {
        freeze(label, what);
      }
    }
  }

  void role(Label label, Role role) {
    tracer.role(label, role, describe());
  }

  /**
   * Says that a grouped layer's weight axis reads or makes {@code label} chunk by chunk: position
   * {@code g·size + j} of the label is index j of the axis within chunk g of axis 0.
   */
  void partitioned(Label weightAxis, Label label, Role role, int partitions) {
    tracer.partitioned(weightAxis, label, role, partitions, describe());
  }

  /** Channels of a label may only merge within chunks of equal size, and equally in each. */
  void chunks(Label label, int partitions) {
    tracer.chunks(label, partitions, describe());
  }

  /** Each element of the constant is used at this many output positions; unknown when negative. */
  void work(Value weight, long positions) {
    tracer.work(weight, positions);
  }

  void normalization(Label channels, BatchNorm norm) {
    tracer.normalization(channels, norm);
  }

  void edit(Edit edit) {
    tracer.edits().add(edit);
  }

  /**
   * The sizes of axes stand in these elements of an input: they must follow the labels' widths.
   *
   * @param followed the label of each element, without channels where it need not follow
   */
  void sizes(int input, List<ShapeElement> elements, Label[] followed) {
    sizes(input, elements, followed, numbers(elements));
  }

  /** The elements as numbers, empty where one is not known. */
  static Optional<long[]> numbers(List<ShapeElement> elements) {
    return elements.stream().allMatch(ShapeElement::known)
        ? Optional.of(elements.stream().mapToLong(ShapeElement::value).toArray())
        : Optional.empty();
  }

  /**
   * The same for an input that may be given in other numbers.
   *
   * @param numbers them, empty where they are not known
   */
  void sizes(int input, List<ShapeElement> elements, Label[] followed, Optional<long[]> numbers) {
    tracer.edits().follow(new Edge(index, input), elements, followed, numbers, describe());
  }

  String describe() {
    return Nodes.describe(node);
  }

  /** A label of known channels. */
  Label label(int[] ids) {
    return tracer.label(ids);
  }

  /** A label of new channels. */
  Label fresh(int size) {
    return tracer.label(tracer.channels().fresh(size));
  }

  /** The size of each axis in every run, {@code [axis][run]}; empty where it is not known. */
  long[][] sizes(long[] dims) {
    return tracer.seen().sizes(dims);
  }

  /** In how many runs sizes are known, at least 1. */
  int runs() {
    return tracer.seen().runs();
  }

  /** A size in the first run, −1 where it is not known. */
  long first(long dim) {
    long[] sizes = sizes(new long[] {dim})[0];
    return sizes.length == 0 ? -1 : sizes[0];
  }

  /** The shape that an output was seen to have. */
  Optional<long[]> seen(int output) {
    return tracer.seen().shape(node.getOutput(output));
  }

  /** The integers that an output was seen to hold. */
  Optional<List<ShapeElement>> seenIntegers(int output) {
    return tracer.seen().integers(node.getOutput(output));
  }

  /** Widths that a number in this element was computed from cannot change. */
  void settle(ShapeElement element) {
    element.sources().forEach(label -> freeze(label, "computes with its width"));
  }

  Splits splits() {
    return tracer.splits();
  }

  Replicas replicas() {
    return tracer.replicas();
  }

  /**
   * Makes channels of a label one.
   *
   * @param lowest for each position the lowest one that holds the same channel
   */
  void tie(Label label, int[] lowest) {
    tracer.tie(label, lowest, describe());
  }

  /** These channels are heads of attention: each works with its own index of other activations. */
  void heads(Label label) {
    tracer.heads(label);
  }

  /** Whether two labels are the same channels in the same order. */
  boolean same(Label a, Label b) {
    return tracer.same(a, b);
  }
}
