package dev.pleat.onnx.gradient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackwardPassTest {
  @TempDir Path folder;

  private OnnxModel read(Graph graph) {
    return ModelReader.read(graph.write(folder.resolve("model.onnx")));
  }

  private static TensorValue.Floats row(float... values) {
    return new TensorValue.Floats(new long[] {1, values.length}, values);
  }

  /** y = 2x, z = x². */
  private OnnxModel twoOutputs() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.node("Mul", List.of("x", graph.floats("two", new float[] {2})), List.of("y"));
    graph.node("Mul", List.of("x", "x"), List.of("z"));
    return read(graph.output("y").output("z"));
  }

  @Test
  void losses_on_several_values_and_on_the_input_itself_add_up() {
    BackwardPass.Builder builder = BackwardPass.of(twoOutputs(), "x");
    GraphWriter graph = builder.graph();
    builder.seed("y", graph.constant(1, 10, 100f));
    builder.seed("y", graph.constant(1, 0, 0f));
    builder.seed("z", builder.saved("y"));
    builder.seed("x", builder.saved("x"));
    try (GradientSession session = GradientSession.open(builder.build(List.of()), 1)) {
      // 2·(2, 10, 100) + 2x·2x + x
      assertThat(session.run(row(1, 2, -1), Map.of()).input().values()).containsExactly(9, 38, 203);
      assertThat(session.run(row(0, 0, 0), Map.of()).input().values()).containsExactly(4, 20, 200);
    }
  }

  @Test
  void further_outputs_are_values_of_either_graph() {
    BackwardPass.Builder builder = BackwardPass.of(twoOutputs(), "x");
    GraphWriter graph = builder.graph();
    String factor = graph.input("factor", TensorProto.DataType.FLOAT, -1);
    builder.seed("y", graph.mul(builder.saved("z"), factor));
    String sum = graph.node("ReduceSum", List.of(builder.saved("z")));
    try (GradientSession session = GradientSession.open(builder.build(List.of(sum, "y")), 1)) {
      Gradient gradient =
          session.run(
              row(1, 2, 3),
              Map.of("factor", new TensorValue.Floats(new long[] {1}, new float[] {5})));
      assertThat(gradient.input().shape()).containsExactly(1, 3);
      assertThat(gradient.input().values()).containsExactly(10, 40, 90);
      assertThat(gradient.values()).containsOnlyKeys(sum, "y");
      assertThat(gradient.floats(sum)).containsExactly(14);
      assertThat(gradient.floats("y")).containsExactly(2, 4, 6);
    }
  }

  @Test
  void the_models_other_inputs_are_given_by_name() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.input("mask", -1, 3);
    graph.node("Mul", List.of("x", "mask"), List.of("y"));
    BackwardPass.Builder builder = BackwardPass.of(read(graph.output("y")), "x");
    builder.seed("y", builder.graph().constant(1, 2, 3f));
    try (GradientSession session = GradientSession.open(builder.build(List.of()), 1)) {
      assertThat(session.run(row(1, 1, 1), Map.of("mask", row(0, 1, 7))).input().values())
          .containsExactly(0, 2, 21);
    }
  }

  @Test
  void what_no_loss_needs_is_not_run_and_needs_no_rule() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.node("Exp", List.of("x"), List.of("y"));
    graph.node("CumSum", List.of("y", graph.longs("axis", 1)), List.of("sum"));
    BackwardPass.Builder builder = BackwardPass.of(read(graph.output("y").output("sum")), "x");
    builder.seed("y", builder.graph().constant(1, 1, 1f));
    assertThat(builder.build(List.of()).forward().getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .containsExactly("Exp");
  }

  @Test
  void an_operator_without_a_rule_is_named_with_its_node() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.node("CumSum", List.of("x", graph.longs("axis", 1)), List.of("sum"));
    BackwardPass.Builder builder = BackwardPass.of(read(graph.output("sum")), "x");
    builder.seed("sum", builder.graph().constant(1, 1, 1f));
    assertThatThrownBy(() -> builder.build(List.of()))
        .isInstanceOfSatisfying(
            UnsupportedGradient.class,
            e -> {
              assertThat(e.operator()).isEqualTo("CumSum");
              assertThat(e.node()).isEqualTo("CumSum 'CumSum.sum'");
            })
        .hasMessageContaining("CumSum 'CumSum.sum' is an operator without a gradient rule")
        .message()
        .hasLineCount(1);
  }

  @Test
  void operands_and_outputs_that_a_rule_does_not_reach_are_named() {
    Graph graph = new Graph(13);
    graph.input("x", 1, 1, 2, 2);
    graph.node("Conv", List.of("x", "x"), List.of("y"));
    BackwardPass.Builder conv = BackwardPass.of(read(graph.output("y")), "x");
    conv.seed("y", conv.saved("y"));
    assertThatThrownBy(() -> conv.build(List.of()))
        .isInstanceOf(UnsupportedGradient.class)
        .hasMessageContaining("Conv 'Conv.y' has an operand 'x' that is no constant");
    Graph layers = new Graph(17);
    layers.input("x", -1, 3);
    layers.node(
        "LayerNormalization",
        List.of("x", layers.floats("scale", new float[3], 3)),
        List.of("y", "mean"));
    BackwardPass.Builder layer = BackwardPass.of(read(layers.output("y").output("mean")), "x");
    layer.seed("y", layer.saved("y"));
    layer.seed("mean", layer.saved("mean"));
    assertThatThrownBy(() -> layer.build(List.of()))
        .isInstanceOf(UnsupportedGradient.class)
        .hasMessageContaining("has a loss on its output 'mean'");
  }

  @Test
  void an_operator_of_another_domain_is_no_standard_one_of_the_same_name() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.node("Gelu", List.of("x"), List.of("y"));
    graph.proto().getNodeBuilder(0).setDomain("com.microsoft");
    Path file = folder.resolve("model.onnx");
    OnnxModel model = ModelReader.read(graph.output("y").write(file));
    assertThatThrownBy(
            () -> {
              BackwardPass.Builder builder = BackwardPass.of(model, "x");
              builder.seed("y", builder.graph().constant(1, 1, 1f));
              builder.build(List.of());
            })
        .isInstanceOf(UnsupportedGradient.class)
        .hasMessageContaining("Gelu 'Gelu.y'");
  }

  @Test
  void open_sizes_under_a_convolution_are_refused_until_they_are_given() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 1, -1, -1);
    graph.node(
        "Conv",
        List.of("x", graph.floats("w", new float[] {1, 2, 3, 4}, 1, 1, 2, 2)),
        List.of("y"));
    OnnxModel model = read(graph.output("y"));
    BackwardPass.Builder open = BackwardPass.of(model, "x");
    open.seed("y", open.saved("y"));
    assertThatThrownBy(() -> open.build(List.of()))
        .isInstanceOf(UnsupportedGradient.class)
        .hasMessageContaining("spatial sizes that are left open");
    BackwardPass.Builder given = BackwardPass.of(model, "x", -1, 1, 2, 2);
    given.seed("y", given.graph().constant(new Tensor(new int[] {1, 1, 1, 1}, new float[] {1})));
    try (GradientSession session = GradientSession.open(given.build(List.of()), 1)) {
      TensorValue.Floats x = new TensorValue.Floats(new long[] {1, 1, 2, 2}, new float[4]);
      assertThat(session.run(x, Map.of()).input().values()).containsExactly(1, 2, 3, 4);
    }
    assertThatThrownBy(() -> BackwardPass.of(model, "x", 1, 2))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'x' has 4 dimensions, but [1, 2] has 2");
  }

  @Test
  void unknown_inputs_and_values_and_losses_without_the_input_are_named() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.input("other", -1, 3);
    graph.node("Exp", List.of("other"), List.of("y"));
    graph.node("Exp", List.of("x"), List.of("z"));
    OnnxModel model = read(graph.output("y").output("z"));
    assertThatThrownBy(() -> BackwardPass.of(model, "image"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("no input 'image'; it has [x, other]");
    BackwardPass.Builder builder = BackwardPass.of(model, "x");
    assertThatThrownBy(() -> builder.saved("nothing"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("no value 'nothing'");
    builder.seed("y", builder.graph().constant(1, 1, 1f));
    assertThatThrownBy(() -> builder.build(List.of()))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("depends on the input 'x'");
  }

  @Test
  void an_input_that_is_not_float_is_refused() {
    Graph graph = new Graph(13);
    graph.input("x", -1, 3);
    graph.node("Identity", List.of("x"), List.of("y"));
    graph
        .proto()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(TensorProto.DataType.INT64_VALUE);
    graph.proto().addOutput(graph.proto().getInput(0).toBuilder().setName("y"));
    OnnxModel model = read(graph);
    assertThatThrownBy(() -> BackwardPass.of(model, "x"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("only FLOAT inputs have gradients");
  }
}
