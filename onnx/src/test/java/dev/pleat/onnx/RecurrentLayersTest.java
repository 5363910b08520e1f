package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hidden units fold like other channels; planted duplicates prove that every gate was found. */
final class RecurrentLayersTest {
  private static final int HIDDEN = 8;

  @TempDir private Path folder;

  private final Graph graph = new Graph(14);
  private final Random random = new Random(7);

  private String weight(String name, long... shape) {
    int count = 1;
    for (long size : shape) {
      count *= (int) size;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() * 0.4f;
    }
    return graph.floats(name, values, shape);
  }

  private static AttributeProto text(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  private FoldReport half(String last) {
    graph.node("Identity", List.of(last), List.of("result"));
    Path model = graph.output("result").write(folder.resolve("model.onnx"));
    FoldReport report = Folds.fold(model, folder.resolve("half.onnx"), 0.5);
    assertThat(report.verification().ran()).isTrue();
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
    return report;
  }

  private List<String> folded(FoldReport report) {
    return report.groups().stream()
        .filter(group -> !group.frozen())
        .map(group -> "%s %d %d".formatted(group.name(), group.before(), group.after()))
        .toList();
  }

  private List<NodeProto> written(String op) {
    return ModelReader.read(folder.resolve("half.onnx")).nodes().stream()
        .filter(node -> node.getOpType().equals(op))
        .toList();
  }

  private void layer(String op, int gates, int directions, List<String> states, String... outputs) {
    graph.input("x", 5, 2, 6);
    weight("in.weight", 6, 4);
    graph.node("MatMul", List.of("x", "in.weight"), List.of("features"));
    graph.node("Tanh", List.of("features"), List.of("seen"));
    weight("w", directions, (long) gates * HIDDEN, 4);
    weight("r", directions, (long) gates * HIDDEN, HIDDEN);
    weight("b", directions, 2L * gates * HIDDEN);
    List<String> inputs = new java.util.ArrayList<>(List.of("seen", "w", "r", "b", ""));
    inputs.addAll(states);
    graph.node(
        op,
        inputs,
        List.of(outputs),
        integer("hidden_size", HIDDEN),
        text("direction", directions == 1 ? "forward" : "bidirectional"));
  }

  @ParameterizedTest
  @CsvSource({"LSTM, 4", "GRU, 3", "RNN, 1"})
  void hidden_units_and_the_features_that_a_layer_reads_fold(String op, int gates) {
    layer(op, gates, 1, List.of(), "y");
    graph.longs("one", 1);
    String y = graph.node("Squeeze", List.of("y", "one"));
    FoldReport report = half(graph.node("MatMul", List.of(y, weight("out.weight", HIDDEN, 3))));
    assertThat(folded(report)).containsExactly("in 4 2", "w 8 4");
  }

  @Test
  void directions_that_are_joined_fold_each_by_itself() {
    layer("LSTM", 4, 2, List.of(), "y");
    String y = graph.node("Transpose", List.of("y"), integers("perm", 0, 2, 1, 3));
    graph.longs("joined", 0, 0, -1);
    y = graph.node("Reshape", List.of(y, "joined"));
    FoldReport report = half(graph.node("MatMul", List.of(y, weight("out.weight", 16, 3))));
    assertThat(folded(report)).hasSize(3).contains("in 4 2");
    assertThat(report.groups())
        .filteredOn(group -> group.name().contains("forward") || group.name().contains("reverse"))
        .extracting(GroupReport::after)
        .containsExactly(4, 4);
    assertThat(written("LSTM")).hasSize(2);
    assertThat(written("Concat")).hasSize(1);
  }

  @Test
  void a_state_of_zeros_is_left_out_and_one_that_is_an_input_freezes_the_units() {
    graph.input("given", 1, 2, HIDDEN);
    graph.longs("shape", 1, 2, HIDDEN);
    graph.node("ConstantOfShape", List.of("shape"), List.of("zeros"));
    layer("LSTM", 4, 1, List.of("given", "zeros"), "y");
    graph.longs("one", 1);
    String y = graph.node("Squeeze", List.of("y", "one"));
    FoldReport report = half(graph.node("MatMul", List.of(y, weight("out.weight", HIDDEN, 3))));
    assertThat(folded(report)).containsExactly("in 4 2");
    assertThat(report.groups())
        .filteredOn(GroupReport::frozen)
        .extracting(GroupReport::reason)
        .anyMatch(reason -> reason.contains("ties it to an axis that cannot fold"));
    assertThat(written("LSTM"))
        .singleElement()
        .satisfies(node -> assertThat(node.getInputList()).endsWith("given", ""));
  }

  @Test
  void directions_that_stay_apart_freeze_their_units_only() {
    layer("GRU", 3, 2, List.of(), "y", "last");
    String y = graph.node("Transpose", List.of("last"), integers("perm", 1, 0, 2));
    FoldReport report = half(graph.node("MatMul", List.of(y, weight("out.weight", HIDDEN, 3))));
    assertThat(folded(report)).containsExactly("in 4 2");
  }
}
