package dev.pleat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.cli.demo.Demo;
import dev.pleat.onnx.gradient.BackwardPass;
import dev.pleat.onnx.gradient.BatchMoments;
import dev.pleat.onnx.gradient.Gradient;
import dev.pleat.onnx.gradient.GradientSession;
import dev.pleat.onnx.gradient.GraphWriter;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gradient of a whole network: the loss of an inversion, and its value. */
class BundledNetworkGradientTest {
  private static final long[] SHAPE = {6, 1, 28, 28};
  private static final double STEP = 2e-3;

  @TempDir Path folder;

  private final SplittableRandom random = new SplittableRandom(4);
  private String loss = "";

  /** Squared distances of all statistics, and cross-entropy to given labels. */
  private BackwardPass pass() {
    OnnxModel model = ModelReader.read(Demo.writeModel(folder));
    BackwardPass.Builder builder = BackwardPass.of(model, "image");
    GraphWriter graph = builder.graph();
    String labels = graph.input("labels", TensorProto.DataType.INT64, -1);
    String hot = graph.node("OneHot", List.of(labels, graph.constant(10L), graph.constant(0f, 1f)));
    String logits = builder.saved("logits");
    builder.seed("logits", graph.node("Sub", List.of(graph.node("Softmax", List.of(logits)), hot)));
    String right = graph.mul(hot, graph.node("LogSoftmax", List.of(logits)));
    loss = graph.node("Neg", List.of(graph.node("ReduceSum", List.of(right))));
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("BatchNormalization")) {
        BatchMoments moments = BatchMoments.of(builder, node.getInput(0));
        moments.seed(
            distance(builder, moments.mean(), node.getInput(3)),
            distance(builder, moments.variance(), node.getInput(4)));
      }
    }
    return builder.build(List.of(loss));
  }

  /** Adds a squared distance to the loss and gives its gradient. */
  private String distance(BackwardPass.Builder builder, String found, String wanted) {
    GraphWriter graph = builder.graph();
    String difference = graph.node("Sub", List.of(found, builder.saved(wanted)));
    loss = graph.add(loss, graph.node("ReduceSumSquare", List.of(difference)));
    return graph.add(difference, difference);
  }

  private float[] noise() {
    float[] x = new float[TensorValue.elements(SHAPE)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return x;
  }

  private Gradient run(GradientSession session, float[] x) {
    return session.run(
        new TensorValue.Floats(SHAPE, x),
        Map.of("labels", new TensorValue.Integers(new long[] {6}, new long[] {0, 2, 4, 6, 8, 9})));
  }

  @Test
  void the_loss_changes_as_its_gradient_says_in_any_direction() {
    BackwardPass pass = pass();
    float[] x = noise();
    try (GradientSession session = GradientSession.open(pass, 2)) {
      float[] gradient = run(session, x).input().values();
      double largest = 0;
      for (float g : gradient) {
        largest = Math.max(largest, Math.abs(g));
      }
      for (int direction = 0; direction < 4; direction++) {
        float[] above = x.clone();
        float[] below = x.clone();
        double expected = 0;
        for (int i = 0; i < x.length; i++) {
          double along = gradient[i] / largest * (direction == 0 ? 1 : random.nextDouble(2));
          above[i] += (float) (STEP * along);
          below[i] -= (float) (STEP * along);
          expected += gradient[i] * ((double) above[i] - below[i]);
        }
        double change =
            (double) run(session, above).floats(loss)[0] - run(session, below).floats(loss)[0];
        assertThat(change / expected).isCloseTo(1, within(0.01));
      }
    }
  }

  @Test
  void the_gradient_is_the_same_at_any_number_of_threads() {
    BackwardPass pass = pass();
    float[] x = noise();
    try (GradientSession one = GradientSession.open(pass, 1);
        GradientSession three = GradientSession.open(pass, 3)) {
      assertThat(run(three, x).input().values())
          .isEqualTo(run(one, x).input().values())
          .isEqualTo(run(three, x).input().values());
    }
  }
}
