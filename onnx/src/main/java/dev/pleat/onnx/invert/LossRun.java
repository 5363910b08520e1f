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
  private final int classes;
  private final GradientSession session;

  /**
   * Opens it.
   *
   * @param pixels the axes of its input
   * @param classes how many there are, where there are labels
   */
  LossRun(LossGraph graph, Pixels pixels, int classes, int threads) {
    this.graph = graph;
    this.pixels = pixels;
    this.classes = classes;
    this.session = GradientSession.open(graph.pass(), threads);
  }

  /**
   * Runs a batch forward and backward.
   *
   * @param labels one for each image; not read where the graph takes none
   */
  Measured run(float[] images, int[] labels) {
    Map<String, TensorValue> extra = new HashMap<>();
    graph.labels().ifPresent(name -> extra.put(name, wanted(labels)));
    long[] shape = pixels.batch(images.length / pixels.imageSize()).shape();
    Gradient gradient = session.run(new TensorValue.Floats(shape, images), extra);
    List<double[]> means = new ArrayList<>();
    List<double[]> variances = new ArrayList<>();
    for (int l = 0; l < graph.layers().size(); l++) {
      float[] mean = floats(gradient, graph.means().get(l));
      float[] square = floats(gradient, graph.squares().get(l));
      double[] m = new double[mean.length];
      double[] v = new double[mean.length];
      for (int c = 0; c < m.length; c++) {
        m[c] = mean[c];
        v[c] = square[c] - m[c] * m[c];
      }
      means.add(m);
      variances.add(v);
    }
    double entropy = 0;
    int right = 0;
    if (graph.probabilities().isPresent()) {
      float[] p = floats(gradient, graph.probabilities().get());
      for (int i = 0; i < labels.length; i++) {
        entropy -= Math.log(Math.max(p[i * classes + labels[i]], Float.MIN_NORMAL));
        right += isLargest(p, i * classes, labels[i]) ? 1 : 0;
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

  private boolean isLargest(float[] values, int from, int index) {
    for (int c = 0; c < classes; c++) {
      if (values[from + c] > values[from + index]) {
        return false;
      }
    }
    return true;
  }

  private TensorValue wanted(int[] labels) {
    float[] rows = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      rows[i * classes + labels[i]] = 1;
    }
    long[] shape = graph.labelShape().clone();
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
