package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Concat, Split, Slice, SpaceToDepth and DepthToSpace: they move blocks of positions about. */
final class BlockRules {
  /** No real network has a wider block beside channels; a damaged one may claim anything. */
  private static final int LARGEST_BLOCK = 1 << 22;

  private BlockRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "Concat", BlockRules::concat,
        "Split", BlockRules::split,
        "Slice", BlockRules::slice,
        "SpaceToDepth", BlockRules::spaceToDepth,
        "DepthToSpace", BlockRules::depthToSpace);
  }

  private static void concat(NodeContext node) {
    List<Value> parts = node.inputs();
    if (parts.isEmpty() || !parts.stream().allMatch(Value::ranked)) {
      node.freezeInputs("joins values of unknown shape");
      return;
    }
    Value first = parts.getFirst();
    int axis = Axes.of(node.integer("axis", 1), first.rank());
    long[] dims = first.dims().clone();
    Label[] labels = first.labels().clone();
    for (int i = 0; i < dims.length; i++) {
      if (i != axis) {
        int other = i - dims.length;
        Broadcast aligned =
            Broadcast.of(node, parts.stream().map(part -> only(part, other)).toList(), "joins");
        dims[i] = aligned.dims()[0];
        labels[i] = aligned.labels()[0];
      }
    }
    labels[axis] = joined(node, parts, axis);
    dims[axis] =
        parts.stream().allMatch(part -> part.dim(axis) >= 0)
            ? parts.stream().mapToLong(part -> part.dim(axis)).sum()
            : node.symbol();
    node.out(0, dims, labels);
  }

  /** One axis of a value on its own. */
  private static Value only(Value value, int axis) {
    return Value.of(new long[] {value.dim(axis)}, new Label[] {value.label(axis)})
        .from(value.source());
  }

  private static Label joined(NodeContext node, List<Value> parts, int axis) {
    if (parts.stream().noneMatch(part -> !part.isConstant() && part.label(axis).exists())) {
      return Label.NONE;
    }
    List<int[]> pieces = new ArrayList<>();
    long size = 0;
    for (Value part : parts) {
      size += Math.max(0, part.dim(axis));
      if (size > LARGEST_BLOCK) {
        parts.forEach(p -> node.freeze(p.label(axis), "joins more than can be followed"));
        return Label.NONE;
      }
      Label label = part.label(axis);
      if (label.exists() && !part.isConstant()) {
        pieces.add(label.ids());
      } else if (part.dim(axis) >= 0 && part.dim(axis) <= LARGEST_BLOCK) {
        int[] fixed = new int[(int) part.dim(axis)];
        Arrays.fill(fixed, Label.FIXED);
        pieces.add(fixed);
      } else {
        parts.forEach(p -> node.freeze(p.label(axis), "joins it with a block of unknown size"));
        return Label.NONE;
      }
    }
    return node.label(pieces.stream().flatMapToInt(Arrays::stream).toArray());
  }

  private static void split(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("splits a value of unknown shape");
      return;
    }
    int axis = Axes.of(node.integer("axis", 0), x.rank());
    int outputs = node.outputCount();
    Optional<long[]> given = node.integers(1, "split");
    if (node.has(1) && !x.label(axis).exists()) {
      node.in(1).elements().ifPresent(elements -> elements.forEach(node::settle));
    }
    long size = x.dim(axis);
    long[] sizes = new long[outputs];
    if (given.isPresent() && given.get().length == outputs) {
      sizes = given.get();
    } else if (node.has(1) || size < 0) {
      node.freeze(x.label(axis), "splits at places that are not known");
      Arrays.setAll(sizes, i -> node.symbol());
    } else {
      long each = (size + outputs - 1) / outputs;
      for (int i = 0; i < outputs; i++) {
        sizes[i] = Math.min(each, size - i * each);
      }
    }
    Label label = x.label(axis);
    List<Edit.Axis> pieces = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < outputs; i++) {
      long[] dims = x.dims().clone();
      Label[] labels = x.labels().clone();
      dims[axis] = sizes[i];
      if (label.exists() && sizes[i] >= 0 && from + sizes[i] <= label.size()) {
        labels[axis] = node.label(label.range(from, from + (int) sizes[i]).ids());
        pieces.add(new Edit.Axis(labels[axis].ids()));
        from += (int) sizes[i];
      }
      node.out(i, dims, labels);
    }
    if (pieces.size() == outputs) {
      node.edit(new Edit.SplitSizes(node.index(), pieces));
    }
  }

  private static void slice(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("slices a value of unknown shape");
      return;
    }
    Optional<long[]> starts = node.integers(1, "starts");
    Optional<long[]> ends = node.integers(2, "ends");
    Optional<long[]> named = node.integers(3, "axes");
    Optional<long[]> steps = node.integers(4, "steps");
    boolean axesKnown = named.isPresent() || !node.has(3);
    int[] axes = Axes.of(named, x.rank());
    long[] dims = x.dims().clone();
    Label[] labels = x.labels().clone();
    if (!axesKnown) {
      node.freezeInputs("slices along axes that are not known");
      Arrays.setAll(dims, i -> node.symbol());
      node.out(0, dims, Value.none(dims.length));
      return;
    }
    int count = named.isPresent() ? axes.length : starts.map(s -> s.length).orElse(axes.length);
    List<Edit.Cut> cuts = new ArrayList<>();
    for (int i = 0; i < Math.min(count, axes.length); i++) {
      int axis = axes[i];
      boolean known = starts.isPresent() && ends.isPresent() && dims[axis] >= 0;
      long step = steps.isPresent() ? steps.get()[i] : 1;
      if (!known || step != 1 || node.has(4) && steps.isEmpty()) {
        node.freeze(labels[axis], "slices it in a way that is not known or not contiguous");
        labels[axis] = Label.NONE;
        dims[axis] = node.symbol();
        continue;
      }
      int size = (int) dims[axis];
      int from = position(starts.get()[i], size);
      int to = Math.max(from, position(ends.get()[i], size));
      dims[axis] = to - from;
      if (labels[axis].exists() && (from > 0 || to < size)) {
        cuts.add(new Edit.Cut(i, new Edit.Axis(labels[axis].ids()), from, to));
        labels[axis] = node.label(labels[axis].range(from, to).ids());
      } else {
        settle(node, 1, i);
        settle(node, 2, i);
      }
    }
    if (!cuts.isEmpty()) {
      node.edit(
          new Edit.SliceBounds(
              node.index(),
              starts.orElseThrow(),
              ends.orElseThrow(),
              named.orElse(new long[0]),
              steps.orElse(new long[0]),
              cuts));
    }
    node.out(0, dims, labels);
  }

  private static void settle(NodeContext node, int input, int element) {
    if (node.has(input)) {
      node.in(input).elements().ifPresent(elements -> node.settle(elements.get(element)));
    }
  }

  private static int position(long index, int size) {
    return (int) Math.clamp(index < 0 ? index + size : index, 0, size);
  }

  private static void spaceToDepth(NodeContext node) {
    Value x = node.in(0);
    int block = (int) node.integer("blocksize", 1);
    if (!x.ranked() || x.rank() != 4 || block < 1) {
      node.freezeInputs("rearranges a value of unknown shape");
      return;
    }
    int copies = block * block;
    Label label = x.label(1);
    Label output = Label.NONE;
    if (label.exists()) {
      int[] ids = new int[label.size() * copies];
      for (int p = 0; p < ids.length; p++) {
        ids[p] = label.ids()[p % label.size()];
      }
      output = node.label(ids);
    }
    long[] dims = {
      x.dim(0),
      x.dim(1) < 0 ? node.symbol() : x.dim(1) * copies,
      scaled(node, x.dim(2), 1, block),
      scaled(node, x.dim(3), 1, block)
    };
    node.out(0, dims, new Label[] {x.label(0), output, Label.NONE, Label.NONE});
  }

  /** Ties the channels that become the pixels of one output channel. */
  private static void depthToSpace(NodeContext node) {
    Value x = node.in(0);
    int block = (int) node.integer("blocksize", 1);
    if (!x.ranked() || x.rank() != 4 || block < 1 || x.dim(1) % (block * block) != 0) {
      node.freezeInputs("rearranges a value of unknown shape");
      return;
    }
    boolean columnRow = Nodes.text(node.node(), "mode", "DCR").equals("CRD");
    int copies = block * block;
    int channels = (int) x.dim(1) / copies;
    Label label = x.label(1);
    Label output = Label.NONE;
    if (label.exists()) {
      for (int copy = 0; copy < copies; copy++) {
        int[] ids = new int[channels];
        for (int c = 0; c < channels; c++) {
          ids[c] = label.ids()[columnRow ? c * copies + copy : copy * channels + c];
        }
        Label piece = new Label(ids);
        output = copy == 0 ? node.label(ids) : node.unify(output, piece);
      }
    }
    long[] dims = {
      x.dim(0), channels, scaled(node, x.dim(2), block, 1), scaled(node, x.dim(3), block, 1)
    };
    node.out(0, dims, new Label[] {x.label(0), output, Label.NONE, Label.NONE});
  }

  private static long scaled(NodeContext node, long size, long times, long over) {
    return size < 0 ? node.symbol() : size * times / over;
  }
}
