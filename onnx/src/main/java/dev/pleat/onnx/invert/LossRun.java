package dev.pleat.onnx.invert;

import dev.pleat.onnx.gradient.Gradient;
import dev.pleat.onnx.gradient.GradientSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A loss graph opened in the runtime. */
final class LossRun implements AutoCloseable {
  private final LossGraph graph;
  private final Pixels pixels;
  private final GradientSession session;

  /**
   * Opens it.
   *
   * @param pixels the axes of its input
   */
  LossRun(LossGraph graph, Pixels pixels, int threads) {
    this.graph = graph;
    this.pixels = pixels;
    this.session = GradientSession.open(graph.pass(), threads);
  }

  /**
   * Runs a batch forward and backward.
   *
   * @param labels one for each image; not read where the graph takes none
   */
  Measured run(float[] images, int[] labels) {
    Map<String, TensorValue> extra = new HashMap<>();
    graph.classes().ifPresent(c -> extra.put(c.wanted(), wanted(c, labels)));
    long[] shape = pixels.batch(images.length / pixels.imageSize()).shape();
    Gradient gradient = session.run(new TensorValue.Floats(shape, images), extra);
    List<float[]> means = new ArrayList<>();
    List<float[]> variances = new ArrayList<>();
    for (LossGraph.Moments layer : graph.moments()) {
      means.add(floats(gradient, layer.mean()));
      variances.add(floats(gradient, layer.variance()));
    }
    double entropy = 0;
    int right = 0;
    if (graph.classes().isPresent()) {
      float[] p = floats(gradient, graph.classes().get().probabilities());
      int classes = p.length / labels.length;
      for (int i = 0; i < labels.length; i++) {
        entropy -= Math.log(Math.max(p[i * classes + labels[i]], Float.MIN_NORMAL));
        right += isLargest(p, classes, i, labels[i]) ? 1 : 0;
      }
    }
    return new Measured(
        graph.layers(),
        means,
        variances,
        labels.length == 0 ? 0 : entropy / labels.length,
        labels.length == 0 ? 0 : (double) right / labels.length,
        gradient.input().values());
  }

  private static boolean isLargest(float[] values, int classes, int row, int column) {
    for (int c = 0; c < classes; c++) {
      if (values[row * classes + c] > values[row * classes + column]) {
        return false;
      }
    }
    return true;
  }

  private static TensorValue wanted(LossGraph.Classes classes, int[] labels) {
    long[] shape = classes.shape().clone();
    int width = TensorValue.elements(shape);
    float[] rows = new float[labels.length * width];
    for (int i = 0; i < labels.length; i++) {
      rows[i * width + labels[i]] = 1;
    }
    shape[0] = labels.length;
    return new TensorValue.Floats(shape, rows);
  }

  private static float[] floats(Gradient gradient, String name) {
    return ((TensorValue.Floats) Objects.requireNonNull(gradient.values().get(name), name))
        .values();
  }

  @Override
  public void close() {
    session.close();
  }
}
