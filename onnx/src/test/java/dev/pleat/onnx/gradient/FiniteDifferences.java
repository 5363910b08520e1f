package dev.pleat.onnx.gradient;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Compares gradients with central differences, input by input, of a loss that weighs every output
 * by a random number.
 */
final class FiniteDifferences {
  private static final double STEP = 0.01;

  private FiniteDifferences() {}

  /** A function of one input {@code x}, as the nodes that make it. */
  interface Network extends Function<Graph, String> {}

  /**
   * Checks the gradient of a network at a point where no two values are within two steps of each
   * other or of zero, so that no kink is crossed.
   *
   * @param shape the input's; the model leaves the first dimension open
   */
  static void agree(Path folder, int opset, long[] shape, Network network) {
    long[] declared = shape.clone();
    declared[0] = -1;
    agree(folder, opset, shape, declared, network);
  }

  static void agree(Path folder, int opset, long[] shape, long[] declared, Network network) {
    Graph graph = new Graph(opset);
    graph.input("x", declared);
    String y = network.apply(graph);
    Path file = graph.output(y).write(folder.resolve("model.onnx"));
    SplittableRandom random = new SplittableRandom(1);
    float[] x = spread(TensorValue.elements(shape), random);
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      float[] weights = new float[run(session, y, shape, x).length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) random.nextDouble(0.5, 1.5) * (random.nextBoolean() ? 1 : -1);
      }
      double[] numeric = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        float[] moved = x.clone();
        moved[i] = (float) (x[i] + STEP);
        double above = loss(run(session, y, shape, moved), weights);
        moved[i] = (float) (x[i] - STEP);
        numeric[i] = (above - loss(run(session, y, shape, moved), weights)) / (2 * STEP);
      }
      float[] gradient = gradient(ModelReader.read(file), y, shape, x, weights);
      assertThat(gradient).hasSameSizeAs(x);
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < x.length; i++) {
        difference += Math.pow(gradient[i] - numeric[i], 2);
        norm += numeric[i] * numeric[i];
      }
      assertThat(norm).isPositive();
      assertThat(Math.sqrt(difference / norm)).as("relative difference").isLessThan(0.01);
    }
  }

  /** Distinct values in ±[0.2, ∞), 0.05 apart or, of many, at least 2.5 steps. */
  private static float[] spread(int count, SplittableRandom random) {
    float[] values = new float[count];
    double gap = Math.max(0.025, Math.min(0.05, 3.0 / count));
    for (int i = 0; i < count; i++) {
      values[i] = (float) ((0.2 + gap * i) * (i % 2 == 0 ? 1 : -1));
    }
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      float swap = values[i];
      values[i] = values[j];
      values[j] = swap;
    }
    return values;
  }

  private static float[] run(OnnxSession session, String y, long[] shape, float[] x) {
    TensorValue value = session.run(Map.of("x", new TensorValue.Floats(shape, x))).get(y);
    return ((TensorValue.Floats) java.util.Objects.requireNonNull(value)).values();
  }

  private static double loss(float[] y, float[] weights) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += (double) y[i] * weights[i];
    }
    return sum;
  }

  private static float[] gradient(
      OnnxModel model, String y, long[] shape, float[] x, float[] weights) {
    BackwardPass.Builder builder = BackwardPass.of(model, "x");
    GraphWriter graph = builder.graph();
    String flat = graph.input("weights", TensorProto.DataType.FLOAT, weights.length);
    builder.seed(y, graph.node("Reshape", List.of(flat, builder.shape(y))));
    try (GradientSession session = GradientSession.open(builder.build(List.of()), 1)) {
      return session
          .run(
              new TensorValue.Floats(shape, x),
              Map.of("weights", new TensorValue.Floats(new long[] {weights.length}, weights)))
          .input()
          .values();
    }
  }
}
