package dev.pleat.onnx.fold;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.core.budget.Cost;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.size.Sizes;
import dev.pleat.onnx.trace.Edit;
import dev.pleat.onnx.trace.Trace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The most elements of activations that are alive at once when the nodes run one by one in their
 * order, as a function of the widths. A value lives from the node that makes it, or from the
 * beginning for an input, to the last node that reads it, or to the end for an output. A node that
 * shows its input in another shape takes no memory, and one that works element by element writes
 * over an input of the same size that nobody reads any more. Room that a kernel needs for itself is
 * not counted.
 */
final class ActivationMemory implements Cost {
  private static final Set<String> VIEWS =
      Set.of("Identity", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten");

  private static final Set<String> IN_PLACE =
      Set.of(
          "Add",
          "BatchNormalization",
          "Clip",
          "Div",
          "Elu",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "Mul",
          "PRelu",
          "Relu",
          "Selu",
          "Sigmoid",
          "Softplus",
          "Sub",
          "Tanh");

  /** Nodes whose outputs tell of sizes, not of values. */
  private static final Set<String> SHAPES = Set.of("Shape", "Size");

  /** One axis: how many of its positions belong to each group. */
  private record Extent(long size, Map<Integer, Integer> positions) {}

  private final int[] widths;
  private final List<List<Extent>> values = new ArrayList<>();

  /** The values that are alive while each node runs. */
  private final List<Set<Integer>> alive = new ArrayList<>();

  private ActivationMemory(int[] widths) {
    this.widths = widths;
  }

  /** The memory of a model, empty where a shape is not known. */
  static Optional<Cost> of(OnnxModel model, Trace trace, Sizes sizes) {
    if (sizes.runs().isEmpty()) {
      return Optional.empty();
    }
    int[] widths = trace.groups().stream().mapToInt(ChannelGroup::width).toArray();
    ActivationMemory memory = new ActivationMemory(widths);
    return memory.build(model, trace, sizes.runs().getFirst().shapes())
        ? Optional.of(memory)
        : Optional.empty();
  }

  private boolean build(OnnxModel model, Trace trace, Map<String, long[]> shapes) {
    Map<String, Integer> ids = new HashMap<>();
    Map<Integer, Integer> last = new HashMap<>();
    List<NodeProto> nodes = model.nodes();
    Map<String, Integer> lastRead = new HashMap<>();
    for (int n = 0; n < nodes.size(); n++) {
      for (String name : Nodes.reads(nodes.get(n))) {
        lastRead.put(name, n);
      }
    }
    model.graph().getOutputList().forEach(output -> lastRead.put(output.getName(), nodes.size()));
    for (var input : model.graph().getInputList()) {
      if (!model.constants().containsKey(input.getName())
          && !add(input.getName(), trace, shapes, ids)) {
        return false;
      }
    }
    ids.forEach((name, id) -> last.put(id, lastRead.getOrDefault(name, -1)));
    Set<Integer> living = new HashSet<>(ids.values());
    for (int n = 0; n < nodes.size(); n++) {
      NodeProto node = nodes.get(n);
      boolean active = Nodes.reads(node).stream().anyMatch(ids::containsKey);
      if (active && !SHAPES.contains(node.getOpType())) {
        for (String output : node.getOutputList()) {
          int until = lastRead.getOrDefault(output, -1);
          if (output.isEmpty() || !shapes.containsKey(output) && until < 0) {
            continue;
          }
          int place = place(node, n, output, trace, shapes, ids, last);
          if (place < 0) {
            return false;
          }
          last.merge(place, until, Math::max);
          living.add(place);
        }
      }
      alive.add(Set.copyOf(living));
      int now = n;
      living.removeIf(id -> last.getOrDefault(id, -1) <= now);
    }
    return true;
  }

  /** Where an output lies: in its input's place, or in one of its own; −1 for an unknown shape. */
  private int place(
      NodeProto node,
      int index,
      String output,
      Trace trace,
      Map<String, long[]> shapes,
      Map<String, Integer> ids,
      Map<Integer, Integer> last) {
    boolean view = VIEWS.contains(node.getOpType());
    if (Nodes.isStandard(node) && (view || IN_PLACE.contains(node.getOpType()))) {
      for (String input : node.getInputList().subList(0, view ? 1 : node.getInputCount())) {
        Integer id = ids.get(input);
        if (id != null
            && (view || last.getOrDefault(id, -1) <= index)
            && elements(shapes, input) == elements(shapes, output)) {
          ids.put(output, id);
          return id;
        }
      }
    }
    return add(output, trace, shapes, ids) ? values.size() - 1 : -1;
  }

  private static long elements(Map<String, long[]> shapes, String name) {
    long product = 1;
    for (long dimension : shapes.getOrDefault(name, new long[] {-1})) {
      product *= dimension;
    }
    return product;
  }

  private boolean add(
      String name, Trace trace, Map<String, long[]> shapes, Map<String, Integer> ids) {
    long[] shape = shapes.get(name);
    if (shape == null) {
      return false;
    }
    List<Edit.Axis> axes = trace.axes().getOrDefault(name, List.of());
    List<Extent> extents = new ArrayList<>();
    for (int axis = 0; axis < shape.length; axis++) {
      Map<Integer, Integer> positions = new HashMap<>();
      int[] channels = axis < axes.size() ? axes.get(axis).ids() : new int[0];
      for (int id : channels) {
        int group = id < 0 ? -1 : trace.groupOf()[id];
        if (group >= 0) {
          positions.merge(group, 1, Integer::sum);
        }
      }
      extents.add(new Extent(shape[axis], positions));
    }
    ids.put(name, values.size());
    values.add(extents);
    return true;
  }

  private long elements(int value, int[] kept) {
    long product = 1;
    for (Extent extent : values.get(value)) {
      long size = extent.size;
      for (Map.Entry<Integer, Integer> part : extent.positions.entrySet()) {
        int group = part.getKey();
        size -= (long) part.getValue() * (widths[group] - kept[group]) / widths[group];
      }
      product *= size;
    }
    return product;
  }

  @Override
  public long of(int[] kept) {
    long[] sizes = new long[values.size()];
    for (int v = 0; v < sizes.length; v++) {
      sizes[v] = elements(v, kept);
    }
    return alive.stream()
        .mapToLong(living -> living.stream().mapToLong(v -> sizes[v]).sum())
        .max()
        .orElse(0);
  }

  /** All of it: a maximum has no parts. */
  @Override
  public long part(int group, int[] kept) {
    return of(kept);
  }
}
