package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Networks that choose by comparing numbers, as detectors do. Here they choose between two that are
 * the same but for rounding, at each place of a picture.
 */
final class ChoosingNetworksTest {
  private final Graph graph = new Graph(17);

  @TempDir private Path folder;

  private float[] random(int count) {
    Random random = new Random(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Two scores for each of 16 × 16 places, [1, 2, 16, 16]. */
  private String scores() {
    String image = graph.input("image", 1, 3, 16, 16);
    graph.floats("first", random(32 * 3 * 9), 32, 3, 3, 3);
    graph.floats("second", random(32), 1, 32, 1, 1);
    graph.floats("three", new float[] {3});
    String hidden = graph.node("Conv", List.of(image, "first"), integers("pads", 1, 1, 1, 1));
    hidden = graph.node("Relu", List.of(hidden));
    String one = graph.node("Conv", List.of(hidden, "second"));
    String thrice =
        graph.node("Conv", List.of(graph.node("Mul", List.of(hidden, "three")), "second"));
    String other = graph.node("Div", List.of(thrice, "three"));
    return graph.node("Concat", List.of(one, other), integer("axis", 1));
  }

  private FoldReport fold(String chosen) {
    String y = graph.node("Cast", List.of(chosen), integer("to", TensorProto.DataType.FLOAT_VALUE));
    graph.node("Identity", List.of(y), List.of("y"));
    Path model = graph.output("y").write(folder.resolve("model.onnx"));
    return Folds.fold(model, folder.resolve("folded.onnx"), 0.5);
  }

  private static void folds(FoldReport report) {
    assertThat(report.groups()).hasSize(1);
    assertThat(report.groups().getFirst().after()).isEqualTo(16);
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-5);
  }

  @Test
  void fold_although_rounding_decides_what_they_choose() {
    folds(fold(graph.node("ArgMax", List.of(scores()), integer("axis", 1))));
  }

  @Test
  void fold_although_rounding_decides_what_they_choose_within_a_condition() {
    String scores = scores();
    graph.longs("yes", 1);
    String flag =
        graph.node("Cast", List.of("yes"), integer("to", TensorProto.DataType.BOOL_VALUE));
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("ArgMax")
                    .addInput(scores)
                    .addOutput("z")
                    .addAttribute(integer("axis", 1)))
            .addOutput(ValueInfoProto.newBuilder().setName("z"))
            .build();

    folds(
        fold(
            graph.node(
                "If", List.of(flag), branch("then_branch", body), branch("else_branch", body))));
  }

  private static AttributeProto branch(String name, GraphProto body) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body)
        .build();
  }
}
