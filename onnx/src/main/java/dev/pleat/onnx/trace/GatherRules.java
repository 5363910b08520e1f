package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators that pick or replace positions by index. */
final class GatherRules {
  private GatherRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "Gather", GatherRules::gather,
        "GatherElements", GatherRules::elements,
        "ScatterElements", GatherRules::elements,
        "ScatterND", GatherRules::scatter,
        "GridSample", GatherRules::sample,
        "RoiAlign", GatherRules::sample,
        "MaxRoiPool", GatherRules::sample);
  }

  private static void gather(NodeContext node) {
    Value data = node.in(0);
    Value indices = node.in(1);
    if (!data.ranked() || !indices.ranked()) {
      node.freezeInputs("gathers from a value of unknown shape");
      return;
    }
    int axis = Axes.of(node.integer("axis", 0), data.rank());
    List<Long> dims = new ArrayList<>();
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < data.rank(); i++) {
      if (i == axis) {
        Label picked = data.isConstant() ? Label.NONE : picked(node, data.label(axis), indices);
        for (int j = 0; j < indices.rank(); j++) {
          dims.add(indices.dim(j));
          labels.add(indices.rank() == 1 ? picked : indices.label(j));
        }
        continue;
      }
      if (data.isConstant()) {
        node.role(data.label(i), Role.PRODUCER);
      }
      dims.add(data.dim(i));
      labels.add(data.label(i));
    }
    node.out(0, dims.stream().mapToLong(Long::longValue).toArray(), labels.toArray(Label[]::new));
  }

  /** The channels that constant indices pick; single ones have to stay where they are found. */
  private static Label picked(NodeContext node, Label label, Value indices) {
    Optional<long[]> positions = node.constantIntegers(1);
    if (!label.exists()) {
      return label;
    }
    boolean valid =
        positions.isPresent()
            && Arrays.stream(positions.get()).allMatch(p -> p >= -label.size() && p < label.size());
    if (!valid) {
      node.freeze(label, "picks positions of it that are not known");
      return Label.NONE;
    }
    int[] at = Arrays.stream(positions.get()).mapToInt(p -> Axes.of(p, label.size())).toArray();
    int[] ids = Arrays.stream(at).map(p -> label.ids()[p]).toArray();
    Label picked = node.label(ids);
    if (indices.rank() != 1) {
      node.freeze(picked, "picks single positions of it");
    }
    node.edit(
        new Edit.Indices(
            new Edge(node.index(), 1), indices.dims(), at, new Edit.Axis(label.ids())));
    return indices.rank() == 1 ? picked : Label.NONE;
  }

  /**
   * Along one axis positions are picked or replaced; along all others, position i of the indices
   * belongs to position i of the data.
   */
  private static void elements(NodeContext node) {
    Value data = node.in(0);
    boolean ranked = node.inputs().stream().allMatch(Value::ranked);
    if (!ranked) {
      node.freezeInputs("picks from a value of unknown shape");
      return;
    }
    boolean scatters = node.node().getOpType().startsWith("Scatter");
    int axis = Axes.of(node.integer("axis", 0), data.rank());
    long[] dims = scatters ? data.dims().clone() : node.in(1).dims().clone();
    Label[] labels = Value.none(dims.length);
    for (int i = 0; i < labels.length; i++) {
      int at = i;
      if (i == axis || !sameSizes(node, i)) {
        node.inputs()
            .forEach(value -> node.freeze(value.label(at), "picks single positions of it"));
        continue;
      }
      List<Value> own =
          node.inputs().stream()
              .map(value ->
                  Value.of(new long[] {value.dim(at)}, new Label[] {value.label(at)})
                      .from(value.source()))
              .toList();
      labels[i] = Broadcast.of(node, own, "picks").labels()[0];
    }
    node.out(0, dims, labels);
  }

  private static boolean sameSizes(NodeContext node, int axis) {
    return node.inputs().stream()
        .allMatch(value -> value.rank() > axis && value.dim(axis) == node.in(0).dim(axis));
  }

  /** Indices choose positions of the first axes; the others are copied whole. */
  private static void scatter(NodeContext node) {
    Value data = node.in(0);
    Value indices = node.in(1);
    Value updates = node.in(2);
    boolean ranked = data.ranked() && indices.ranked() && updates.ranked() && indices.rank() > 0;
    int chosen = ranked ? (int) indices.dim(-1) : -1;
    if (!ranked || chosen < 0 || chosen > data.rank()) {
      node.freezeInputs("replaces positions that are not known");
      return;
    }
    Label[] labels = data.labels().clone();
    for (int i = 0; i < chosen; i++) {
      node.freeze(labels[i], "replaces single positions of it");
    }
    for (Label label : Arrays.copyOf(updates.labels(), indices.rank() - 1)) {
      node.freeze(label, "replaces single positions by it");
    }
    for (int i = chosen; i < data.rank(); i++) {
      int own = i - chosen + indices.rank() - 1;
      List<Value> pair =
          List.of(
              Value.of(new long[] {data.dim(i)}, new Label[] {data.label(i)}).from(data.source()),
              Value.of(new long[] {updates.dim(own)}, new Label[] {updates.label(own)})
                  .from(updates.source()));
      labels[i] = Broadcast.of(node, pair, "replaces").labels()[0];
    }
    node.out(0, data.dims(), labels);
  }

  /** Samples of an image, each channel by itself. */
  private static void sample(NodeContext node) {
    Value x = node.in(0);
    Value places = node.in(1);
    if (!x.ranked() || x.rank() < 2 || !places.ranked()) {
      node.freezeInputs("samples a value of unknown shape");
      return;
    }
    long[] dims = new long[x.rank()];
    Arrays.setAll(dims, i -> node.symbol());
    dims[1] = x.dim(1);
    Label[] labels = Value.none(dims.length);
    labels[1] = x.label(1);
    for (int i = 0; i < x.rank(); i++) {
      if (i != 1) {
        node.freeze(x.label(i), "samples along it");
      }
    }
    node.out(0, node.seen(0).filter(seen -> seen.length == dims.length).orElse(dims), labels);
  }
}
