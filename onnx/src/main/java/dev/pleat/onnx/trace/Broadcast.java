package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import java.util.ArrayList;
import java.util.List;

/**
 * The shape and labels of values combined element by element under broadcasting.
 *
 * @param dims sizes
 * @param labels channels
 */
record Broadcast(long[] dims, Label[] labels) {

  /** Ties the channels of the operands axis by axis, aligned at the last one. */
  static Broadcast of(NodeContext node, List<Value> operands, String verb) {
    int rank = operands.stream().mapToInt(Value::rank).max().orElse(0);
    long[] dims = new long[rank];
    Label[] labels = Value.none(rank);
    for (int axis = 0; axis < rank; axis++) {
      List<Value> wide = new ArrayList<>();
      dims[axis] = 1;
      for (Value operand : operands) {
        int own = axis - (rank - operand.rank());
        if (own >= 0 && operand.dim(own) != 1) {
          wide.add(operand);
          dims[axis] = join(node, dims[axis], operand.dim(own));
        }
      }
      labels[axis] = tie(node, wide, axis - rank, verb);
    }
    return new Broadcast(dims, labels);
  }

  private static long join(NodeContext node, long a, long b) {
    if (a == 1 || a == b) {
      return b;
    }
    if (a > 1 || b > 1) {
      return Math.max(a, b);
    }
    return node.symbol();
  }

  /** Channels that constants make of operands that have one position there. */
  private static Label made(NodeContext node, List<Value> constants, int axis) {
    Label label = constants.getFirst().label(axis);
    for (Value constant : constants) {
      node.unify(label, constant.label(axis));
      node.role(constant.label(axis), Role.PRODUCER);
    }
    return label;
  }

  /** Operands that are wider than 1 at an axis counted from the back. */
  private static Label tie(NodeContext node, List<Value> wide, int axis, String verb) {
    Label label =
        wide.stream()
            .filter(value -> !value.isConstant())
            .map(value -> value.label(axis))
            .filter(Label::exists)
            .findFirst()
            .orElse(Label.NONE);
    if (!wide.isEmpty() && wide.stream().allMatch(Value::isConstant)) {
      return made(node, wide, axis);
    }
    if (!label.exists()) {
      // An axis that could hold channels stays recognisable.
      return wide.stream()
          .map(value -> value.label(axis))
          .filter(own -> !own.exists() && own != Label.NONE)
          .findFirst()
          .orElse(label);
    }
    for (Value value : wide) {
      Label own = value.label(axis);
      if (!own.exists()) {
        if (node.replicas().follow(own, label)) {
          continue;
        }
        node.splits().vote(own);
        node.freeze(label, verb + " it with an axis that holds no channels");
        continue;
      }
      node.unify(label, own);
      if (value.isConstant()) {
        node.role(own, Role.PER_CHANNEL);
      }
    }
    return label;
  }
}
