package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Operators that give a value another shape: Reshape, Flatten, Transpose, Squeeze, Expand, Tile and
 * the like.
 */
final class ShapeRules {
  /** A damaged model may claim any size. */
  private static final int LARGEST_AXIS = 1 << 22;

  private ShapeRules() {}

  static Map<String, OpRule> rules() {
    return Map.ofEntries(
        Map.entry("Reshape", ShapeRules::reshape),
        Map.entry("Flatten", ShapeRules::flatten),
        Map.entry("Transpose", ShapeRules::transpose),
        Map.entry("Squeeze", ShapeRules::squeeze),
        Map.entry("Unsqueeze", ShapeRules::unsqueeze),
        Map.entry("Expand", ShapeRules::expand),
        Map.entry("Tile", ShapeRules::tile),
        Map.entry("ConstantOfShape", ShapeRules::filled),
        Map.entry("Shape", node -> node.out(0, Value.plain(node.symbol()))),
        Map.entry("Size", node -> node.out(0, Value.plain())),
        Map.entry("Constant", node -> {}));
  }

  private static void reshape(NodeContext node) {
    Value x = node.in(0);
    Optional<List<ShapeElement>> target = node.has(1) ? node.in(1).elements() : Optional.empty();
    if (!x.ranked() || target.isEmpty()) {
      node.freezeInputs("has a target shape that is not known");
      return;
    }
    List<ShapeElement> sizes = target.get();
    boolean copies = node.integer("allowzero", 0) == 0;
    long[] dims = node.seen(0).orElseGet(() -> ReshapeTarget.dims(node, x, sizes, copies));
    if (dims.length != sizes.size()) {
      node.freezeInputs("has a target shape that is not known");
      return;
    }
    Label[] labels = Regrouping.labels(node, x, dims);
    Label[] followed = Value.none(dims.length);
    for (int i = 0; i < dims.length; i++) {
      ShapeElement size = sizes.get(i);
      boolean copied = copies && size.known() && size.value() == 0;
      boolean inferred = size.known() && size.value() == -1;
      if (copied) {
        follow(node, i < x.rank() ? x.label(i) : Label.NONE, labels[i]);
      } else if (labels[i].exists() && !inferred) {
        followed[i] = labels[i];
      }
    }
    node.sizes(1, sizes, followed, ReshapeTarget.numbers(x, sizes, dims, copies));
    node.out(0, dims, labels);
  }

  /** A size copied from an input axis follows that axis, so both must be the same channels. */
  private static void follow(NodeContext node, Label from, Label to) {
    if (from.exists() != to.exists() || from.exists() && !node.same(from, to)) {
      node.freeze(from, "copies its size to other channels");
      node.freeze(to, "copies its size from other channels");
    }
  }

  private static void flatten(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("flattens a value of unknown shape");
      return;
    }
    int axis = Axes.of(node.integer("axis", 1), x.rank());
    if (node.integer("axis", 1) == x.rank()) {
      axis = x.rank();
    }
    long[] dims = {
      ReshapeTarget.product(node, x.dims(), 0, axis),
      ReshapeTarget.product(node, x.dims(), axis, x.rank())
    };
    node.out(0, dims, Regrouping.labels(node, x, dims));
  }

  private static void transpose(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("transposes a value of unknown shape");
      return;
    }
    int rank = x.rank();
    Optional<long[]> order = Nodes.integers(node.node(), "perm");
    long[] dims = new long[rank];
    Label[] labels = new Label[rank];
    for (int i = 0; i < rank; i++) {
      int from = order.isPresent() ? (int) order.get()[i] : rank - 1 - i;
      dims[i] = x.dim(from);
      labels[i] = x.label(from);
    }
    node.out(0, dims, labels);
  }

  private static void squeeze(NodeContext node) {
    Value x = node.in(0);
    Optional<long[]> axes = node.integers(1, "axes");
    if (!x.ranked() || node.has(1) && axes.isEmpty()) {
      node.freezeInputs("squeezes axes that are not known");
      return;
    }
    TreeSet<Integer> gone = new TreeSet<>();
    if (axes.isPresent()) {
      Arrays.stream(Axes.of(axes, x.rank())).forEach(gone::add);
    } else {
      for (int i = 0; i < x.rank(); i++) {
        if (x.dim(i) == 1) {
          gone.add(i);
        }
      }
    }
    List<Long> dims = new ArrayList<>();
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (gone.contains(i)) {
        node.freeze(x.label(i), "removes it");
      } else {
        dims.add(x.dim(i));
        labels.add(x.label(i));
      }
    }
    node.out(0, dims.stream().mapToLong(d -> d).toArray(), labels.toArray(Label[]::new));
  }

  private static void unsqueeze(NodeContext node) {
    Value x = node.in(0);
    Optional<long[]> axes = node.integers(1, "axes");
    if (!x.ranked() || axes.isEmpty()) {
      node.freezeInputs("adds axes that are not known");
      return;
    }
    int rank = x.rank() + axes.get().length;
    TreeSet<Integer> added = new TreeSet<>();
    Arrays.stream(Axes.of(axes, rank)).forEach(added::add);
    long[] dims = new long[rank];
    Label[] labels = Value.none(rank);
    int from = 0;
    for (int i = 0; i < rank; i++) {
      if (added.contains(i)) {
        dims[i] = 1;
      } else {
        dims[i] = x.dim(from);
        labels[i] = x.label(from++);
      }
    }
    node.out(0, dims, labels);
  }

  private static void expand(NodeContext node) {
    Value x = node.in(0);
    Optional<List<ShapeElement>> target = node.has(1) ? node.in(1).elements() : Optional.empty();
    if (!x.ranked() || target.isEmpty()) {
      node.freezeInputs("has a target shape that is not known");
      return;
    }
    List<ShapeElement> sizes = target.get();
    int rank = Math.max(x.rank(), sizes.size());
    long[] dims = new long[rank];
    Label[] labels = Value.none(rank);
    Label[] followed = Value.none(sizes.size());
    boolean[] replicated = new boolean[sizes.size()];
    for (int i = 0; i < rank; i++) {
      int own = i - (rank - x.rank());
      int other = i - (rank - sizes.size());
      long size = own >= 0 ? x.dim(own) : 1;
      labels[i] = own >= 0 ? x.label(own) : Label.NONE;
      dims[i] = size;
      if (other >= 0) {
        ShapeElement wanted = sizes.get(other);
        boolean one = wanted.known() && wanted.value() == 1;
        if (labels[i].exists() && !one) {
          followed[other] = labels[i];
        } else if (size == 1) {
          dims[i] = wanted.value();
          replicated[other] = wanted.known() && !one;
        }
      }
    }
    Label[] replicas =
        node.replicas().of(node, 1, sizes, followed, replicated, NodeContext.numbers(sizes));
    for (int e = 0; e < replicated.length; e++) {
      if (replicated[e]) {
        labels[e + rank - sizes.size()] = replicas[e];
      }
    }
    node.out(0, dims, labels);
  }

  /** Repeats blocks of positions; of a single one it makes an axis that is the same everywhere. */
  private static void tile(NodeContext node) {
    Value x = node.in(0);
    Optional<List<ShapeElement>> repeats = node.has(1) ? node.in(1).elements() : Optional.empty();
    if (!x.ranked() || repeats.isEmpty() || repeats.get().size() != x.rank()) {
      node.freezeInputs("repeats it a number of times that is not known");
      return;
    }
    List<ShapeElement> times = repeats.get();
    long[] dims = x.dims().clone();
    Label[] labels = x.labels().clone();
    boolean[] replicated = new boolean[dims.length];
    for (int i = 0; i < dims.length; i++) {
      ShapeElement count = times.get(i);
      replicated[i] = count.known() && count.value() != 1 && dims[i] == 1;
      if (dims[i] == 1) {
        dims[i] = count.value();
      } else if (!count.known() || count.value() != 1) {
        dims[i] = node.symbol();
        labels[i] = repeated(node, labels[i], count);
      }
    }
    Label[] replicas =
        node.replicas()
            .of(node, 1, times, Value.none(dims.length), replicated, NodeContext.numbers(times));
    for (int i = 0; i < dims.length; i++) {
      labels[i] = replicated[i] ? replicas[i] : labels[i];
    }
    node.out(0, node.seen(0).filter(seen -> seen.length == x.rank()).orElse(dims), labels);
  }

  private static Label repeated(NodeContext node, Label label, ShapeElement count) {
    long size = label.size() * Math.max(1, count.value());
    if (!label.exists() || !count.known() || count.value() < 1 || size > LARGEST_AXIS) {
      node.freeze(label, "repeats it a number of times that is not known or too large");
      return Label.NONE;
    }
    int[] ids = new int[(int) size];
    for (int p = 0; p < ids.length; p++) {
      ids[p] = label.ids()[p % label.size()];
    }
    return node.label(ids);
  }

  /** A tensor of one value: every axis of it is the same everywhere. */
  private static void filled(NodeContext node) {
    Optional<List<ShapeElement>> shape = node.in(0).elements();
    if (shape.isEmpty()) {
      node.freezeInputs("has a shape that is not known");
      return;
    }
    List<ShapeElement> sizes = shape.get();
    boolean[] replicated = new boolean[sizes.size()];
    long[] dims = new long[sizes.size()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = sizes.get(i).value();
      replicated[i] = sizes.get(i).known() && dims[i] != 1;
    }
    node.out(
        0,
        dims,
        node.replicas()
            .of(node, 0, sizes, Value.none(dims.length), replicated, NodeContext.numbers(sizes)));
  }
}
