package dev.pleat.onnx.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BatchMomentsTest {
  private static final int CHANNELS = 3;

  @TempDir Path folder;

  private static long[] shape(int rank) {
    return List.of(new long[] {8, 3}, new long[] {4, 3, 5}, new long[] {4, 3, 2, 5}).get(rank - 2);
  }

  /** Values whose mean is far from zero, as they are before a normalisation. */
  private static float[] values(long[] shape) {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[TensorValue.elements(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (100 + random.nextGaussian());
    }
    return values;
  }

  /** Means, then variances, in double. */
  private static double[] moments(long[] shape, float[] x) {
    int rows = (int) shape[0];
    int row = x.length / rows / CHANNELS;
    double[] moments = new double[2 * CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < rows * row; i++) {
          double value = x[(i / row * CHANNELS + c) * row + i % row];
          double term = pass == 0 ? value : Math.pow(value - moments[c], 2);
          moments[c + pass * CHANNELS] += term / (rows * row);
        }
      }
    }
    return moments;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void moments_and_their_gradients_agree_with_double_arithmetic(int rank) {
    long[] shape = shape(rank);
    Graph graph = new Graph(13);
    graph.input("x", shape);
    graph.node("Identity", List.of("x"), List.of("y"));
    BackwardPass.Builder builder =
        BackwardPass.of(
            ModelReader.read(graph.output("y").write(folder.resolve("model.onnx"))), "x");
    BatchMoments moments = BatchMoments.of(builder, "y");
    moments.seed(builder.graph().constant(1, -2, 3f), builder.graph().constant(0.5f, 4, -1));
    float[] x = values(shape);
    double[] expected = moments(shape, x);
    BackwardPass pass = builder.build(List.of(moments.mean(), moments.variance()));
    try (GradientSession session = GradientSession.open(pass, 2)) {
      Gradient gradient = session.run(new TensorValue.Floats(shape, x), Map.of());
      for (int c = 0; c < CHANNELS; c++) {
        assertThat((double) gradient.floats(moments.mean())[c])
            .isCloseTo(expected[c], within(1e-4));
        assertThat((double) gradient.floats(moments.variance())[c])
            .isCloseTo(expected[c + CHANNELS], within(1e-4));
      }
      double[] mean = {1, -2, 3};
      double[] variance = {0.5, 4, -1};
      int row = x.length / (int) shape[0] / CHANNELS;
      int positions = x.length / CHANNELS;
      for (int i = 0; i < x.length; i++) {
        int c = i / row % CHANNELS;
        double wanted = (mean[c] + 2 * variance[c] * (x[i] - expected[c])) / positions;
        assertThat((double) gradient.input().values()[i]).isCloseTo(wanted, within(1e-4));
      }
    }
  }

  @Test
  void a_value_without_channels_is_refused() {
    Graph graph = new Graph(13);
    graph.input("x", 3);
    graph.node("Exp", List.of("x"), List.of("y"));
    BackwardPass.Builder builder =
        BackwardPass.of(
            ModelReader.read(graph.output("y").write(folder.resolve("model.onnx"))), "x");
    assertThatThrownBy(() -> BatchMoments.of(builder, "y"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'y' has 1 dimensions");
  }
}
