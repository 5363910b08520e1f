package dev.pleat.onnx.repair;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pleat.onnx.model.Nodes;
import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a convolution reads at some of its output places: for each, the values under its kernel,
 * channel by channel, zero where it reaches over the edge.
 */
final class Patches {
  private final int[] kernel;
  private final int[] strides;
  private final int[] dilations;
  private final int[] pads;

  private Patches(int[] kernel, int[] strides, int[] dilations, int[] pads) {
    this.kernel = kernel;
    this.strides = strides;
    this.dilations = dilations;
    this.pads = pads;
  }

  /**
   * The patches of a node; empty where it is no plain convolution with a kernel of more than one
   * place, pads automatically, or covers too many values.
   *
   * @param weight shape of its weight
   */
  static Optional<Patches> of(NodeProto node, int[] weight) {
    int rank = weight.length - 2;
    int[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
    boolean plain =
        node.getOpType().equals("Conv")
            && Nodes.isStandard(node)
            && Nodes.integer(node, "group", 1) == 1
            && Nodes.text(node, "auto_pad", "NOTSET").equals("NOTSET")
            && Arrays.stream(kernel).anyMatch(size -> size > 1)
            && weight[1] * Arrays.stream(kernel).reduce(1, (a, b) -> a * b)
                <= KernelFit.MOST_VALUES;
    return plain
        ? Optional.of(
            new Patches(
                kernel,
                attribute(node, "strides", rank, 1),
                attribute(node, "dilations", rank, 1),
                attribute(node, "pads", 2 * rank, 0)))
        : Optional.empty();
  }

  private static int[] attribute(NodeProto node, String name, int length, int absent) {
    int[] filled = new int[length];
    Arrays.fill(filled, absent);
    return Nodes.integers(node, name)
        .map(values -> Arrays.stream(values).mapToInt(Math::toIntExact).toArray())
        .orElse(filled);
  }

  /** Places under the kernel. */
  int size() {
    return Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
  }

  /**
   * Gathers patches.
   *
   * @param x the activation, {@code [images, channels, ...]}
   * @param image which image
   * @param places output places, row-major over {@code outputs}
   * @param outputs sizes of the output's spatial axes
   * @param into (channels·kernel)×width, row-major, written from column {@code column} on
   */
  void gather(
      TensorValue.Floats x,
      int image,
      int[] places,
      int[] outputs,
      float[] into,
      int width,
      int column) {
    int rank = kernel.length;
    int channels = (int) x.shape()[1];
    int area = 1;
    for (int d = 0; d < rank; d++) {
      area *= (int) x.shape()[d + 2];
    }
    int size = size();
    int[] at = new int[rank];
    int[] sources = new int[places.length];
    for (int tap = 0; tap < size; tap++) {
      for (int i = 0; i < places.length; i++) {
        sources[i] = source(places[i], tap, outputs, x.shape(), at);
      }
      for (int c = 0; c < channels; c++) {
        int start = (image * channels + c) * area;
        int row = (c * size + tap) * width + column;
        for (int i = 0; i < sources.length; i++) {
          into[row + i] = sources[i] < 0 ? 0 : x.values()[start + sources[i]];
        }
      }
    }
  }

  /** Where in a channel's plane a tap of the kernel is, −1 beyond its edge. */
  private int source(int place, int tap, int[] outputs, long[] shape, int[] at) {
    int left = place;
    int leftTap = tap;
    for (int d = kernel.length - 1; d >= 0; d--) {
      int o = left % outputs[d];
      left /= outputs[d];
      int t = leftTap % kernel[d];
      leftTap /= kernel[d];
      at[d] = o * strides[d] - pads[d] + t * dilations[d];
      if (at[d] < 0 || at[d] >= shape[d + 2]) {
        return -1;
      }
    }
    int source = 0;
    for (int d = 0; d < kernel.length; d++) {
      source = source * (int) shape[d + 2] + at[d];
    }
    return source;
  }
}
