package dev.pleat.onnx.gradient;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.model.Nodes;
import java.util.Arrays;

/**
 * The sliding window of a convolution or pooling whose sizes are known, one element for each
 * spatial axis.
 *
 * @param input sizes of what it slides over
 * @param output sizes of the result
 * @param kernel size of the window, without dilation
 * @param stride steps
 * @param dilation distance of neighbours in the window
 * @param before zeros before the values
 */
record Window(
    long[] input, long[] output, long[] kernel, long[] stride, long[] dilation, long[] before) {

  /**
   * The window of a Conv or pooling node.
   *
   * @throws UnsupportedGradient when the sizes of its input are not known before it runs
   */
  static Window of(GradientNode node) {
    long[] kernel =
        Nodes.integers(node.node(), "kernel_shape")
            .orElseGet(() -> spatial(node, node.inType(1).shape()));
    long[] input = spatial(node, node.inType(0).shape());
    Window window = of(node, kernel, input, spatial(node, node.outType(0).shape()));
    return node.integer("ceil_mode", 0) == 0 ? window : window.withoutEmpty();
  }

  /** The window of a ConvTranspose node, as the convolution that leads back from its result. */
  static Window back(GradientNode node) {
    long[] kernel = spatial(node, node.inType(1).shape());
    return of(
        node,
        kernel,
        spatial(node, node.outType(0).shape()),
        spatial(node, node.inType(0).shape()));
  }

  private static Window of(GradientNode node, long[] kernel, long[] input, long[] output) {
    int axes = kernel.length;
    long[] stride = each(node, "strides", axes);
    long[] dilation = each(node, "dilations", axes);
    long[] before = new long[axes];
    String auto = node.text("auto_pad", "NOTSET");
    long[] pads = Nodes.integers(node.node(), "pads").orElse(new long[2 * axes]);
    for (int i = 0; i < axes; i++) {
      if (auto.startsWith("SAME")) {
        long extent = (kernel[i] - 1) * dilation[i] + 1;
        long total = Math.max(0, (output[i] - 1) * stride[i] + extent - input[i]);
        before[i] = auto.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      } else if (auto.equals("NOTSET")) {
        before[i] = pads[i];
      }
    }
    return new Window(input, output, kernel, stride, dilation, before);
  }

  private static long[] spatial(GradientNode node, long[] shape) {
    long[] sizes = shape.length < 3 ? new long[] {-1} : Arrays.copyOfRange(shape, 2, shape.length);
    if (Arrays.stream(sizes).anyMatch(size -> size <= 0)) {
      throw node.refuse("has spatial sizes that are left open");
    }
    return sizes;
  }

  private static long[] each(GradientNode node, String attribute, int axes) {
    long[] values = new long[axes];
    Arrays.fill(values, 1);
    return Nodes.integers(node.node(), attribute).orElse(values);
  }

  /**
   * The runtime drops a last window that would start behind the values, which the inferred sizes
   * still count.
   */
  private Window withoutEmpty() {
    long[] full = output.clone();
    for (int i = 0; i < axes(); i++) {
      if ((full[i] - 1) * stride[i] >= input[i] + before[i]) {
        full[i]--;
      }
    }
    return new Window(input, full, kernel, stride, dilation, before);
  }

  int axes() {
    return kernel.length;
  }

  long extent(int axis) {
    return (kernel[axis] - 1) * dilation[axis] + 1;
  }

  /** Zeros behind the values that the windows reach; negative where the last values are unread. */
  private long after(int axis) {
    return (output[axis] - 1) * stride[axis] + extent(axis) - before[axis] - input[axis];
  }

  /** Attributes of the Conv from {@code input} to {@code output}. */
  AttributeProto[] convolution(long groups) {
    long[] pads = new long[2 * axes()];
    for (int i = 0; i < axes(); i++) {
      pads[i] = before[i];
      pads[i + axes()] = Math.max(0, after(i));
    }
    return new AttributeProto[] {
      Attributes.integers("strides", stride),
      Attributes.integers("dilations", dilation),
      Attributes.integers("pads", pads),
      Attributes.integer("group", groups)
    };
  }

  /** Attributes of the ConvTranspose from {@code output} back to {@code input}. */
  AttributeProto[] transposed(long groups) {
    long[] unread = new long[axes()];
    for (int i = 0; i < axes(); i++) {
      unread[i] = Math.max(0, -after(i));
    }
    AttributeProto[] attributes = Arrays.copyOf(convolution(groups), 5);
    attributes[4] = Attributes.integers("output_padding", unread);
    return attributes;
  }
}
