package dev.pleat.onnx.trace;

import dev.pleat.core.group.Role;
import dev.pleat.onnx.model.Nodes;
import java.util.Map;
import java.util.Optional;

/** Conv and ConvTranspose: plain, grouped and depthwise. */
final class ConvolutionRules {
  private ConvolutionRules() {}

  static Map<String, OpRule> rules() {
    return Map.of(
        "Conv", node -> apply(node, false),
        "com.microsoft:FusedConv", node -> apply(node, false),
        "ConvTranspose", node -> apply(node, true));
  }

  private static void apply(NodeContext node, boolean transposed) {
    Value w = node.in(1);
    int groups = (int) node.integer("group", 1);
    Value x = node.in(0).ranked() ? node.in(0) : node.unknown(w.rank());
    if (!w.isConstant() || !w.ranked() || w.rank() < 3 || groups < 1) {
      node.freezeInputs("has a weight that is no constant");
      return;
    }
    Label input = x.label(1);
    int inAxis = transposed ? 0 : 1;
    int outAxis = 1 - inAxis;
    boolean inputFits = w.dim(inAxis) * (transposed ? 1 : groups) == x.dim(1);
    if (w.dim(0) % groups != 0 || (input.exists() && !inputFits)) {
      node.freezeInputs("has a weight that does not fit its input");
      return;
    }
    long channels = transposed ? w.dim(1) * groups : w.dim(0);
    Label output = Label.NONE;
    if (groups == 1) {
      output = plain(node, input, w, inAxis, outAxis);
    } else if (input.exists() && (transposed ? w.dim(0) == groups : w.dim(1) == 1)) {
      output = depthwise(node, input, w, transposed);
    } else {
      output = grouped(node, input, w, groups, transposed);
    }
    for (int i = 2; i < node.inputCount(); i++) {
      if (node.has(i)) {
        output = bias(node, node.in(i), output);
      }
    }
    long[] dims =
        node.seen(0)
            .filter(seen -> seen.length == x.rank())
            .orElseGet(() -> dims(node, x, w, transposed));
    dims[1] = channels;
    Label[] labels = Value.none(x.rank());
    // Heads of attention may have become samples of a batch.
    labels[0] = x.label(0);
    labels[1] = output;
    node.out(0, dims, labels);
    node.work(w, product(node, transposed ? x.dims() : dims));
  }

  /** A bias vector, or the tensor that a fused convolution adds. */
  private static Label bias(NodeContext node, Value bias, Label output) {
    Label own = bias.rank() == 1 ? bias.label(0) : bias.rank() > 1 ? bias.label(1) : Label.NONE;
    if (!bias.isConstant() && bias.rank() == 1) {
      node.freeze(output, "has a bias that is no constant");
      return output;
    }
    if (output.exists() || own.exists() && !bias.isConstant()) {
      Label tied = node.unify(output, own);
      if (bias.isConstant()) {
        node.role(own, Role.PRODUCER);
      }
      return tied;
    }
    return output;
  }

  private static Label plain(NodeContext node, Label input, Value w, int inAxis, int outAxis) {
    if (input.exists()) {
      node.unify(input, w.label(inAxis));
      node.role(w.label(inAxis), Role.CONSUMER);
    }
    node.role(w.label(outAxis), Role.PRODUCER);
    return w.label(outAxis);
  }

  /**
   * Channel c makes outputs c·m to c·m + m − 1: the channel passes through, m positions for one.
   */
  private static Label depthwise(NodeContext node, Label input, Value w, boolean transposed) {
    int multiplier = (int) (transposed ? w.dim(1) : w.dim(0) / input.size());
    node.edit(new Edit.Count(node.index(), "group", new Edit.Axis(input.ids())));
    Label output = input;
    if (multiplier > 1) {
      int[] ids = new int[input.size() * multiplier];
      for (int p = 0; p < ids.length; p++) {
        ids[p] = input.ids()[p / multiplier];
      }
      output = node.label(ids);
    }
    node.unify(transposed ? input : output, w.label(0));
    node.role(w.label(0), Role.PER_CHANNEL);
    return output;
  }

  private static Label grouped(
      NodeContext node, Label input, Value w, int groups, boolean transposed) {
    Label output = transposed ? node.fresh((int) w.dim(1) * groups) : w.label(0);
    if (transposed) {
      if (w.dim(1) > 1) {
        node.partitioned(w.label(1), output, Role.PRODUCER, groups);
      } else {
        node.freeze(output, "makes a single channel for each of its groups");
      }
      if (input.exists()) {
        node.unify(input, w.label(0));
        node.role(w.label(0), Role.CONSUMER);
      }
    } else {
      node.role(output, Role.PRODUCER);
      if (input.exists()) {
        node.partitioned(w.label(1), input, Role.CONSUMER, groups);
      }
    }
    if (input.exists()) {
      node.chunks(input, groups);
    }
    node.chunks(output, groups);
    return output;
  }

  private static long[] dims(NodeContext node, Value x, Value w, boolean transposed) {
    int spatial = x.rank() - 2;
    long[] dims = new long[x.rank()];
    dims[0] = x.dim(0);
    Optional<long[]> strides = Nodes.integers(node.node(), "strides");
    Optional<long[]> dilations = Nodes.integers(node.node(), "dilations");
    for (int i = 0; i < spatial; i++) {
      long stride = strides.isPresent() ? strides.get()[i] : 1;
      long dilation = dilations.isPresent() ? dilations.get()[i] : 1;
      long kernel = (w.dim(i + 2) - 1) * dilation + 1;
      WindowAxis window = new WindowAxis(kernel, stride, i, spatial);
      long size = x.dim(i + 2);
      dims[i + 2] =
          size < 0
              ? node.symbol()
              : transposed ? window.upsampled(node, size) : window.downsampled(node, size);
    }
    return dims;
  }

  private static long product(NodeContext node, long[] dims) {
    long product = 1;
    for (int i = 0; i < dims.length; i++) {
      if (i != 1) {
        long size = node.first(dims[i]);
        product = size < 0 || product < 0 ? -1 : product * size;
      }
    }
    return product;
  }
}
