package dev.pleat.onnx.network;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Builds a network either narrow or with duplicated and permuted channels, each consumer column
 * split between the copies: both compute the same function. The weights depend on the seed only.
 */
public final class TwinNetwork {
  private final Graph graph = new Graph(13);
  private final Random weights;
  private final Random layout;
  private final boolean wide;
  private int names;

  /** A value and the channels on its axis 1. */
  public record Flow(String name, Width width) {}

  /** An empty network. */
  public TwinNetwork(long seed, boolean wide) {
    this.weights = new Random(seed);
    this.layout = new Random(seed + 1);
    this.wide = wide;
  }

  /** The graph, to be finished by hand. */
  public Graph graph() {
    return graph;
  }

  /** The image input, never duplicated. */
  public Flow input(int channels, int size) {
    return new Flow(graph.input("image", -1, channels, size, size), Width.plain(channels));
  }

  /** A hidden width. */
  public Width hidden(int channels) {
    return hidden(channels, 1);
  }

  /** A hidden width that is duplicated within equal chunks. */
  public Width hidden(int channels, int chunks) {
    return Width.doubled(channels, chunks, layout);
  }

  private String name(String kind) {
    return kind + names++;
  }

  private int size(Width width) {
    return wide ? width.copyOf().length : width.channels();
  }

  private int narrow(Width width, int channel) {
    return wide ? width.copyOf()[channel] : channel;
  }

  private float[] gaussian(int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (weights.nextGaussian() * scale);
    }
    return values;
  }

  /**
   * Output-by-input-by-inner weights of one chunk of the channels, widened where the network is
   * wide.
   */
  private float[] weight(Width out, Width in, int inner, int groups, boolean inputFirst) {
    int narrowIn = in.channels() / groups;
    float[] narrow = gaussian(out.channels() * narrowIn * inner, 1.4 / Math.sqrt(narrowIn * inner));
    float[] shares = in.shares(layout);
    int wideIn = size(in) / groups;
    float[] values = new float[size(out) * wideIn * inner];
    int outPerGroup = size(out) / groups;
    for (int o = 0; o < size(out); o++) {
      int firstIn = o / outPerGroup * wideIn;
      for (int i = 0; i < wideIn; i++) {
        float share = wide ? shares[firstIn + i] : 1;
        int source = narrow(in, firstIn + i) % narrowIn;
        int target = inputFirst ? i * size(out) + o : o * wideIn + i;
        for (int k = 0; k < inner; k++) {
          values[target * inner + k] =
              share * narrow[(narrow(out, o) * narrowIn + source) * inner + k];
        }
      }
    }
    return values;
  }

  private float[] vector(Width width, double mean, double scale) {
    float[] narrow = gaussian(width.channels(), scale);
    float[] values = new float[size(width)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + narrow[narrow(width, i)]);
    }
    return values;
  }

  /** A convolution with padding that keeps the size; groups as given. */
  public Flow conv(Flow x, Width out, int kernel, int groups, boolean bias) {
    String w = name("conv") + ".weight";
    graph.floats(
        w,
        weight(out, x.width(), kernel * kernel, groups, false),
        size(out),
        size(x.width()) / groups,
        kernel,
        kernel);
    List<String> inputs = new ArrayList<>(List.of(x.name(), w));
    if (bias) {
      inputs.add(graph.floats(name("bias"), vector(out, 0, 0.3), size(out)));
    }
    int pad = kernel / 2;
    return new Flow(
        graph.node(
            "Conv",
            inputs,
            integers("kernel_shape", kernel, kernel),
            integers("pads", pad, pad, pad, pad),
            integer("group", groups)),
        out);
  }

  /** A depthwise 3×3 convolution. */
  public Flow depthwise(Flow x) {
    float[] narrow = gaussian(x.width().channels() * 9, 0.5);
    float[] values = new float[size(x.width()) * 9];
    for (int i = 0; i < values.length; i++) {
      values[i] = narrow[narrow(x.width(), i / 9) * 9 + i % 9];
    }
    String w = graph.floats(name("depthwise") + ".weight", values, size(x.width()), 1, 3, 3);
    return new Flow(
        graph.node(
            "Conv",
            List.of(x.name(), w),
            integers("kernel_shape", 3, 3),
            integers("pads", 1, 1, 1, 1),
            integer("group", size(x.width()))),
        x.width());
  }

  /** A transposed 2×2 convolution of stride 1 followed by nothing. */
  public Flow transposed(Flow x, Width out) {
    float[] values = weight(out, x.width(), 4, 1, true);
    String w = graph.floats(name("up") + ".weight", values, size(x.width()), size(out), 2, 2);
    String b = graph.floats(name("bias"), vector(out, 0, 0.3), size(out));
    return new Flow(
        graph.node("ConvTranspose", List.of(x.name(), w, b), integers("kernel_shape", 2, 2)), out);
  }

  /** A batch normalisation. */
  public Flow norm(Flow x) {
    Width width = x.width();
    List<String> inputs = new ArrayList<>(List.of(x.name()));
    String name = name("norm");
    inputs.add(graph.floats(name + ".weight", vector(width, 1, 0.2), size(width)));
    inputs.add(graph.floats(name + ".bias", vector(width, 0.1, 0.3), size(width)));
    inputs.add(graph.floats(name + ".running_mean", vector(width, 0, 0.3), size(width)));
    float[] variance = vector(width, 0, 0.7);
    for (int i = 0; i < variance.length; i++) {
      variance[i] = 0.3f + variance[i] * variance[i];
    }
    inputs.add(graph.floats(name + ".running_var", variance, size(width)));
    return new Flow(graph.node("BatchNormalization", inputs), width);
  }

  /** An element-wise operator. */
  public Flow map(String op, Flow x) {
    return new Flow(graph.node(op, List.of(x.name())), x.width());
  }

  /** An element-wise operator on two flows of one width. */
  public Flow combine(String op, Flow x, Flow y) {
    return new Flow(graph.node(op, List.of(x.name(), y.name())), x.width());
  }

  /** Two flows side by side. */
  public Flow concat(Flow x, Flow y) {
    return new Flow(
        graph.node("Concat", List.of(x.name(), y.name()), integer("axis", 1)),
        x.width().then(y.width()));
  }

  /** A squeeze-and-excitation gate. */
  public Flow gate(Flow x, int squeezed) {
    Flow pooled = map("GlobalAveragePool", x);
    Flow reduced = map("Relu", conv(pooled, hidden(squeezed), 1, 1, true));
    Flow gate = map("Sigmoid", conv(reduced, x.width(), 1, 1, true));
    return combine("Mul", x, gate);
  }

  /** Flattens {@code pixels} positions of each channel and applies a linear layer. */
  public Flow linear(Flow x, int pixels, Width out) {
    String flat = graph.node("Flatten", List.of(x.name()), integer("axis", 1));
    String w =
        graph.floats(
            name("linear") + ".weight",
            weight(out, x.width(), pixels, 1, false),
            size(out),
            (long) size(x.width()) * pixels);
    String b = graph.floats(name("bias"), vector(out, 0, 0.3), size(out));
    return new Flow(graph.node("Gemm", List.of(flat, w, b), integer("transB", 1)), out);
  }
}
