package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.Map;

/**
 * LSTM, GRU and RNN. A hidden unit is a channel: it has one row for each gate in the weights of the
 * input and of the recurrence, one column of the recurrence, and one position of the state.
 */
final class RecurrentRules {
  private static final int X = 0;
  private static final int W = 1;
  private static final int R = 2;
  private static final int BIAS = 3;
  private static final int FIRST_STATE = 5;
  private static final int PEEPHOLES = 7;

  private RecurrentRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "LSTM",
        node -> apply(node, 4),
        "GRU",
        node -> apply(node, 3),
        "RNN",
        node -> apply(node, 1));
  }

  private static void apply(NodeContext node, int gates) {
    Value x = node.in(X);
    Value w = node.in(W);
    Value r = node.in(R);
    boolean constant = w.isConstant() && r.isConstant() && w.rank() == 3 && r.rank() == 3;
    if (!constant || !x.ranked() || x.rank() != 3 || w.dim(0) != r.dim(0)) {
      node.freezeInputs("has weights that are no constants of three axes");
      return;
    }
    node.freeze(x.label(0), "works along it");
    node.freeze(x.label(1), "works along it");
    if (x.label(2).exists()) {
      node.unify(x.label(2), w.label(2));
      node.role(w.label(2), Role.CONSUMER);
    }
    Label hidden = r.label(2);
    if (w.dim(0) == 1) {
      units(node, gates, hidden);
    } else {
      for (int i = W; i < node.inputCount(); i++) {
        if (node.has(i)) {
          freezeUnits(node, node.in(i), i == W ? w.label(2) : Label.NONE);
        }
      }
      hidden = Label.NONE;
    }
    outputs(node, x, w.dim(0), r.dim(2), hidden);
    long steps = node.first(x.dim(0));
    long samples = node.first(x.dim(1));
    long positions = steps < 0 || samples < 0 ? -1 : steps * samples;
    node.work(w, positions);
    node.work(r, positions);
  }

  private static void freezeUnits(NodeContext node, Value value, Label input) {
    for (Label label : value.labels()) {
      if (label != input) {
        node.freeze(label, "runs in two directions that are not joined along its units");
      }
    }
  }

  private static void units(NodeContext node, int gates, Label hidden) {
    if (!hidden.exists()) {
      return;
    }
    node.role(hidden, Role.CONSUMER);
    makes(node, W, 1, hidden, gates);
    makes(node, R, 1, hidden, gates);
    makes(node, BIAS, 1, hidden, 2 * gates);
    makes(node, PEEPHOLES, 1, hidden, 3);
    for (int i = FIRST_STATE; i < PEEPHOLES && i < node.inputCount(); i++) {
      makes(node, i, -1, hidden, 1);
    }
    node.edit(new Edit.Count(node.index(), "hidden_size", new Edit.Axis(hidden.ids())));
  }

  /** An input of which an axis holds the units so many times in a row. */
  private static void makes(NodeContext node, int input, int axis, Label hidden, int times) {
    if (!node.has(input)) {
      return;
    }
    Value value = node.in(input);
    if (!value.ranked()) {
      node.freeze(hidden, "has a state of unknown shape");
      return;
    }
    int[] ids = new int[hidden.size() * times];
    for (int p = 0; p < ids.length; p++) {
      ids[p] = hidden.ids()[p % hidden.size()];
    }
    Label own = value.label(axis);
    node.unify(times == 1 ? hidden : node.label(ids), own);
    if (value.isConstant() && own.exists()) {
      node.role(own, Role.PRODUCER);
    }
  }

  private static void outputs(NodeContext node, Value x, long directions, long size, Label hidden) {
    boolean batchFirst = Nodes.integer(node.node(), "layout", 0) == 1;
    long first = x.dim(0);
    long second = x.dim(1);
    Label[] none = {Label.NONE, Label.NONE, Label.NONE, hidden};
    node.out(
        0,
        batchFirst
            ? new long[] {first, second, directions, size}
            : new long[] {first, directions, second, size},
        none);
    for (int i = 1; i < node.outputCount(); i++) {
      node.out(
          i,
          batchFirst ? new long[] {first, directions, size} : new long[] {directions, second, size},
          new Label[] {Label.NONE, Label.NONE, hidden});
    }
  }
}
