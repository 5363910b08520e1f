package dev.pleat.onnx.trace;

import dev.pleat.onnx.model.Nodes;

/**
 * A sliding window along one spatial axis, as convolution and pooling attributes describe it.
 *
 * @param kernel extent of the window, dilation included
 * @param stride step
 * @param axis index among the spatial axes
 * @param axes number of spatial axes
 */
record WindowAxis(long kernel, long stride, int axis, int axes) {

  /** Output size of a convolution or pooling. */
  long downsampled(NodeContext node, long size) {
    String auto = Nodes.text(node.node(), "auto_pad", "NOTSET");
    if (auto.startsWith("SAME")) {
      return (size + stride - 1) / stride;
    }
    long room = size + padding(node, auto) - kernel;
    boolean ceil = node.integer("ceil_mode", 0) != 0;
    return Math.max(0, (ceil ? (room + stride - 1) / stride : room / stride) + 1);
  }

  /** Output size of a transposed convolution. */
  long upsampled(NodeContext node, long size) {
    long[] shape = Nodes.integers(node.node(), "output_shape").orElse(new long[0]);
    if (shape.length >= axes) {
      return shape[shape.length - axes + axis];
    }
    String auto = Nodes.text(node.node(), "auto_pad", "NOTSET");
    if (auto.startsWith("SAME")) {
      return size * stride;
    }
    long[] extra = Nodes.integers(node.node(), "output_padding").orElse(new long[axes]);
    return Math.max(0, (size - 1) * stride + extra[axis] + kernel - padding(node, auto));
  }

  private long padding(NodeContext node, String auto) {
    long[] pads = Nodes.integers(node.node(), "pads").orElse(new long[0]);
    return auto.equals("VALID") || pads.length < 2 * axes ? 0 : pads[axis] + pads[axis + axes];
  }
}
