package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Operators that reduce, normalise or pick along axes; across channels they freeze. */
final class ReductionRules {
  private ReductionRules() {}

  static Map<String, OpRule> rules() {
    Map<String, OpRule> rules = new HashMap<>();
    for (String kind :
        List.of(
            "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")) {
      rules.put("Reduce" + kind, ReductionRules::reduce);
    }
    rules.put("ArgMax", ReductionRules::pick);
    rules.put("ArgMin", ReductionRules::pick);
    for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      rules.put(op, ReductionRules::softmax);
    }
    rules.put("MeanVarianceNormalization", ReductionRules::meanVariance);
    rules.put("Trilu", ReductionRules::triangle);
    rules.put("com.microsoft:Trilu", ReductionRules::triangle);
    for (String op : List.of("CumSum", "LpNormalization", "TopK")) {
      rules.put(op, ReductionRules::along);
    }
    return rules;
  }

  private static void reduce(NodeContext node) {
    Optional<long[]> axes = node.integers(1, "axes");
    Value x = node.in(0);
    if (!x.ranked() || node.has(1) && axes.isEmpty()) {
      node.freezeInputs("reduces along axes that are not known");
      return;
    }
    if (axes.map(a -> a.length == 0).orElse(true) && node.integer("noop_with_empty_axes", 0) != 0) {
      node.out(0, x.dims(), x.labels());
      return;
    }
    boolean all = axes.map(a -> a.length == 0).orElse(true);
    reduce(node, x, Axes.of(all ? Optional.empty() : axes, x.rank()));
  }

  private static void triangle(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked() || x.rank() < 2) {
      node.freezeInputs("cuts a value of unknown shape");
      return;
    }
    node.freeze(x.label(-1), "tells its positions apart");
    node.freeze(x.label(-2), "tells its positions apart");
    node.out(0, x.dims(), x.labels());
  }

  private static void meanVariance(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("normalises a value of unknown shape");
      return;
    }
    Optional<long[]> axes =
        Nodes.integers(node.node(), "axes").or(() -> Optional.of(new long[] {0, 2, 3}));
    for (int axis : Axes.of(axes, x.rank())) {
      node.freeze(x.label(axis), "normalises across the channels");
    }
    node.out(0, x.dims(), x.labels());
  }

  private static void pick(NodeContext node) {
    Value x = node.in(0);
    if (!x.ranked()) {
      node.freezeInputs("reduces a value of unknown shape");
      return;
    }
    reduce(node, x, new int[] {Axes.of(node.integer("axis", 0), x.rank())});
  }

  private static void reduce(NodeContext node, Value x, int[] axes) {
    TreeSet<Integer> reduced = new TreeSet<>();
    for (int axis : axes) {
      reduced.add(axis);
      if (x.label(axis).exists() && isStatistic(x, axis)) {
        Edit.Axis channels = new Edit.Axis(x.label(axis).ids());
        node.edit(new Edit.Repeated(new Edge(node.index(), 0), axis, channels));
      } else {
        node.freeze(x.label(axis), "reduces across the channels");
      }
    }
    boolean keep = node.integer("keepdims", 1) != 0;
    List<Long> dims = new ArrayList<>();
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (!reduced.contains(i)) {
        dims.add(x.dim(i));
        labels.add(x.label(i));
      } else if (keep) {
        dims.add(1L);
        labels.add(Label.NONE);
      }
    }
    node.out(0, dims.stream().mapToLong(d -> d).toArray(), labels.toArray(Label[]::new));
  }

  /**
   * Whether a value holds one number for each channel and sample, in axes that a reduction has left
   * at size 1: a statistic, such as the norm that a global response normalisation compares with its
   * mean over all channels. Giving it back its old width costs next to nothing.
   */
  private static boolean isStatistic(Value x, int axis) {
    boolean reduced = x.rank() > 2;
    for (int i = 1; i < x.rank() && reduced; i++) {
      reduced = i == axis || x.dim(i) == 1;
    }
    return reduced && axis > 0;
  }

  private static void softmax(NodeContext node) {
    Value x = node.in(0);
    boolean flattens = node.opset() < 13;
    if (!x.ranked()) {
      node.freezeInputs("normalises a value of unknown shape");
      return;
    }
    int axis = Axes.of(node.integer("axis", flattens ? 1 : -1), x.rank());
    for (int i = axis; i < (flattens ? x.rank() : axis + 1); i++) {
      node.freeze(x.label(i), "normalises across the channels");
    }
    node.out(0, x.dims(), x.labels());
  }

  /** Works along one axis and keeps the shape, but for the size that TopK picks. */
  private static void along(NodeContext node) {
    Value x = node.in(0);
    String op = node.node().getOpType();
    Optional<long[]> axis =
        op.equals("CumSum")
            ? node.integers(1, "axis")
            : Optional.of(new long[] {node.integer("axis", -1)});
    if (!x.ranked() || axis.isEmpty()) {
      node.freezeInputs("works along an axis that is not known");
      return;
    }
    int at = Axes.of(axis.get()[0], x.rank());
    node.freeze(x.label(at), "works across the channels");
    long[] dims = x.dims().clone();
    Label[] labels = x.labels().clone();
    if (op.equals("TopK")) {
      dims[at] = node.symbol();
      labels[at] = Label.NONE;
    }
    for (int i = 0; i < node.outputCount(); i++) {
      node.out(i, dims, labels);
    }
  }
}
