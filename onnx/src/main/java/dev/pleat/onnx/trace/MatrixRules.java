package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import java.util.Arrays;
import java.util.Map;

/** Gemm and MatMul: linear layers, and products of two activations. */
final class MatrixRules {
  private MatrixRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "Gemm", MatrixRules::gemm,
        "com.microsoft:FusedGemm", MatrixRules::gemm,
        "MatMul", node -> matMul(node, node.in(0), node.in(1)),
        "com.microsoft:FusedMatMul", MatrixRules::fused,
        "com.microsoft:TransposeMatMul", MatrixRules::fused);
  }

  private static void gemm(NodeContext node) {
    Value a = node.in(0).ranked() ? node.in(0) : node.unknown(2);
    Value b = node.in(1);
    boolean plain = a.rank() == 2 && b.isConstant() && b.rank() == 2;
    if (!plain || node.integer("transA", 0) != 0) {
      node.freezeInputs("has a weight that is no constant matrix on its right");
      return;
    }
    int inAxis = node.integer("transB", 0) != 0 ? 1 : 0;
    int outAxis = 1 - inAxis;
    consume(node, a.label(1), b.label(inAxis));
    Label output = b.label(outAxis);
    node.role(output, Role.PRODUCER);
    if (node.has(2)) {
      Value c = node.in(2);
      Label own = c.ranked() && c.rank() > 0 ? c.label(-1) : Label.NONE;
      boolean broadcast = c.ranked() && (c.rank() == 0 || c.dim(-1) == 1);
      if (!broadcast) {
        node.unify(output, own);
        if (c.isConstant()) {
          node.role(own, Role.PRODUCER);
        }
      }
    }
    node.out(0, new long[] {a.dim(0), b.dim(outAxis)}, new Label[] {a.label(0), output});
    node.work(b, node.first(a.dim(0)));
  }

  private static void consume(NodeContext node, Label input, Label column) {
    if (input.exists()) {
      node.unify(input, column);
      node.role(column, Role.CONSUMER);
    }
  }

  /** A MatMul that turns its operands itself. */
  private static void fused(NodeContext node) {
    boolean batches = node.integer("transBatchA", 0) != 0 || node.integer("transBatchB", 0) != 0;
    if (batches || !node.in(0).ranked() || !node.in(1).ranked()) {
      node.freezeInputs("multiplies a value of unknown shape, or along its batches");
      return;
    }
    matMul(
        node,
        turned(node.in(0), node.integer("transA", 0) != 0),
        turned(node.in(1), node.integer("transB", 0) != 0));
  }

  private static Value turned(Value value, boolean turns) {
    int rank = value.rank();
    if (!turns || rank < 2) {
      return value;
    }
    long[] dims = value.dims().clone();
    Label[] labels = value.labels().clone();
    dims[rank - 1] = value.dim(-2);
    dims[rank - 2] = value.dim(-1);
    labels[rank - 1] = value.label(-2);
    labels[rank - 2] = value.label(-1);
    return Value.of(dims, labels).from(value.source());
  }

  private static void matMul(NodeContext node, Value a, Value b) {
    if (!a.ranked() || !b.ranked() || a.rank() < 1 || b.rank() < 1) {
      node.freezeInputs("multiplies a value of unknown shape");
      return;
    }
    if (b.isConstant() && b.rank() == 2) {
      consume(node, a.label(-1), b.label(0));
      node.role(b.label(1), Role.PRODUCER);
      long[] dims = a.dims().clone();
      Label[] labels = a.labels().clone();
      dims[dims.length - 1] = b.dim(1);
      labels[dims.length - 1] = b.label(1);
      node.out(0, dims, labels);
      node.work(b, rows(node, a.dims(), a.rank() - 1));
    } else if (a.isConstant() && a.rank() == 2 && b.rank() >= 2) {
      consume(node, b.label(-2), a.label(1));
      node.role(a.label(0), Role.PRODUCER);
      long[] dims = b.dims().clone();
      Label[] labels = b.labels().clone();
      dims[dims.length - 2] = a.dim(0);
      labels[dims.length - 2] = a.label(0);
      node.out(0, dims, labels);
      node.work(a, rows(node, b.dims(), b.rank() - 2));
    } else {
      activations(node, a, b);
    }
  }

  private static long rows(NodeContext node, long[] dims, int without) {
    long rows = 1;
    for (int i = 0; i < dims.length; i++) {
      if (i != without) {
        long size = node.first(dims[i]);
        rows = size < 0 || rows < 0 ? -1 : rows * size;
      }
    }
    return rows;
  }

  /**
   * Attention and the like: what is summed over cannot be merged, rows and columns pass through.
   */
  private static void activations(NodeContext node, Value a, Value b) {
    node.freeze(a.label(-1), "multiplies it with another activation");
    node.freeze(b.rank() > 1 ? b.label(-2) : b.label(0), "multiplies it with another activation");
    if (a.rank() < 2 || b.rank() < 2) {
      node.freezeInputs("multiplies a vector with an activation");
      return;
    }
    Broadcast batch = Broadcast.of(node, java.util.List.of(cut(a), cut(b)), "multiplies");
    int rank = batch.dims().length + 2;
    long[] dims = Arrays.copyOf(batch.dims(), rank);
    Label[] labels = Arrays.copyOf(batch.labels(), rank);
    Arrays.stream(batch.labels()).forEach(node::heads);
    node.heads(a.label(-2));
    node.heads(b.label(-1));
    dims[rank - 2] = a.dim(-2);
    labels[rank - 2] = a.label(-2);
    dims[rank - 1] = b.dim(-1);
    labels[rank - 1] = b.label(-1);
    node.out(0, dims, labels);
  }

  private static Value cut(Value value) {
    int rank = value.rank() - 2;
    return Value.of(Arrays.copyOf(value.dims(), rank), Arrays.copyOf(value.labels(), rank))
        .from(value.source());
  }
}
