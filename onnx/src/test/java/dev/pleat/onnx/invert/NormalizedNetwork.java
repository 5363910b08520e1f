package dev.pleat.onnx.invert;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A random network whose batch normalisations hold the statistics of given data. */
final class NormalizedNetwork {
  private record Layer(String value, float[] mean, float[] variance) {}

  private final Graph graph = new Graph(17);
  private final List<Layer> layers = new ArrayList<>();
  private final Random random = new Random(5);
  private final TensorValue.Floats data;
  private final Path file;
  private String value;
  private int constants;

  /**
   * Starts at the input.
   *
   * @param file where it will be written
   * @param data what it is "trained" on
   * @param shape what its input is declared as, −1 for open
   */
  NormalizedNetwork(Path file, TensorValue.Floats data, long... shape) {
    this.file = file;
    this.data = data;
    this.value = graph.input("x", shape);
  }

  /** Noise of some mean and deviation, the same for all channels, as many as the shape says. */
  static TensorValue.Floats noise(double mean, double deviation, long... shape) {
    Random random = new Random(9);
    float[] values = new float[TensorValue.elements(shape)];
    // Neighbours are alike, as in images, and a few values are much larger than the others.
    double last = 0;
    for (int i = 0; i < values.length; i++) {
      last = 0.6 * last + 0.8 * random.nextGaussian();
      values[i] = (float) (mean + deviation * last * (i % 7 == 0 ? 2 : 0.7));
    }
    return new TensorValue.Floats(shape, values);
  }

  /** Adds a node behind the last one; more inputs are constants. */
  NormalizedNetwork node(String op, List<String> more, AttributeProto... attributes) {
    List<String> inputs = new ArrayList<>(List.of(value));
    inputs.addAll(more);
    value = graph.node(op, inputs, attributes);
    return this;
  }

  NormalizedNetwork relu() {
    return node("Relu", List.of());
  }

  /** A convolution of 3 positions along each of some axes. */
  NormalizedNetwork convolution(int in, int out, int axes) {
    long[] shape = new long[2 + axes];
    Arrays.fill(shape, 3);
    shape[0] = out;
    shape[1] = in;
    long[] pads = new long[2 * axes];
    Arrays.fill(pads, 1);
    return node("Conv", List.of(weight(shape)), Graph.integers("pads", pads));
  }

  NormalizedNetwork linear(int in, int out) {
    return node("MatMul", List.of(weight(in, out)));
  }

  /** A random constant; what it multiplies keeps its size. */
  private String weight(long... shape) {
    float[] values = new float[TensorValue.elements(shape)];
    double scale = Math.sqrt((shape.length == 2 ? shape[1] : shape[0]) / (double) values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return graph.floats("w" + constants++, values, shape);
  }

  /** An INT64 vector. */
  String longs(long... values) {
    return graph.longs("c" + constants++, values);
  }

  /** A float constant. */
  String floats(float[] values, long... shape) {
    return graph.floats("c" + constants++, values, shape);
  }

  /** A normalisation by what the data make of the last value. */
  NormalizedNetwork normalize() {
    float[][] moments = moments(List.of(value), data).getFirst();
    return normalize(moments[0], moments[1]);
  }

  /** A normalisation by statistics that no data need to have. */
  NormalizedNetwork normalize(float[] mean, float[] variance) {
    layers.add(new Layer(value, mean, variance));
    int n = mean.length;
    float[] one = new float[n];
    Arrays.fill(one, 1);
    return node(
        "BatchNormalization",
        List.of(floats(one, n), floats(new float[n], n), floats(mean, n), floats(variance, n)));
  }

  /** Writes the network, which ends in the last value, and reads it. */
  OnnxModel model() {
    graph.output(value);
    return ModelReader.read(graph.write(file));
  }

  /**
   * How far inputs are from the statistics: squared errors of means in units of the deviation, and
   * of the logarithms of the variances, averaged over the channels of all layers.
   */
  double mismatch(TensorValue.Floats inputs) {
    List<float[][]> found = moments(layers.stream().map(Layer::value).toList(), inputs);
    double sum = 0;
    int count = 0;
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      for (int c = 0; c < layer.mean.length; c++, count++) {
        double mean = found.get(l)[0][c] - layer.mean[c];
        double logarithm = Math.log((found.get(l)[1][c] + 1e-5) / (layer.variance[c] + 1e-5));
        sum += mean * mean / (layer.variance[c] + 1e-5) + logarithm * logarithm;
      }
    }
    return sum / count;
  }

  /** Means and variances of the channels of some values. */
  private List<float[][]> moments(List<String> values, TensorValue.Floats inputs) {
    ModelProto.Builder model = graph.model().toBuilder();
    model.getGraphBuilder().clearOutput();
    List<float[][]> moments = new ArrayList<>();
    for (String name : values) {
      if (name.equals("x")) {
        moments.add(moments(inputs));
        continue;
      }
      ModelProto.Builder cut = model.clone();
      cut.getGraphBuilder().addOutput(ValueInfoProto.newBuilder().setName(name));
      try (OnnxSession session = OnnxSession.open(cut.build(), file, 1)) {
        Map<String, TensorValue> outputs = session.run(Map.of("x", inputs));
        moments.add(moments((TensorValue.Floats) outputs.values().iterator().next()));
      }
    }
    return moments;
  }

  private static float[][] moments(TensorValue.Floats floats) {
    int n = (int) floats.shape()[1];
    int stride = TensorValue.elements(floats.shape()) / (int) floats.shape()[0] / n;
    double[][] sums = new double[2][n];
    float[] values = floats.values();
    for (int i = 0; i < values.length; i++) {
      int c = i / stride % n;
      sums[0][c] += values[i];
      sums[1][c] += (double) values[i] * values[i];
    }
    double count = (double) values.length / n;
    float[][] moments = new float[2][n];
    for (int c = 0; c < n; c++) {
      double mean = sums[0][c] / count;
      moments[0][c] = (float) mean;
      moments[1][c] = (float) (sums[1][c] / count - mean * mean);
    }
    return moments;
  }
}
