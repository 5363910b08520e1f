package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a model of which nothing can fold. */
final class NothingFoldsTest {
  private final Graph graph = new Graph(17);

  @TempDir private Path folder;

  private Path write(String last) {
    graph.node("Identity", List.of(last), List.of("y"));
    return graph.output("y").write(folder.resolve("model.onnx"));
  }

  private void says(Path model, String... words) {
    assertThat(Folds.inspect(model).obstacle()).contains(words);
    assertThatThrownBy(() -> Folds.fold(model, folder.resolve("out.onnx"), 0.5))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void a_model_that_is_quantised_already_is_told_so_with_its_operators() {
    graph.input("x", 1, 2, 5, 5);
    graph.node("DynamicQuantizeLinear", List.of("x"), List.of("q", "scale", "zero"));
    graph
        .proto()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.UINT8_VALUE)
                .addAllDims(List.of(4L, 2L, 1L, 1L))
                .addInt32Data(1)
                .addInt32Data(2)
                .addInt32Data(3)
                .addInt32Data(4)
                .addInt32Data(5)
                .addInt32Data(6)
                .addInt32Data(7)
                .addInt32Data(8));
    String y = graph.node("ConvInteger", List.of("q", "w", "zero"));
    y = graph.node("Cast", List.of(y), integer("to", TensorProto.DataType.FLOAT_VALUE));

    says(write(y), "already quantised", "1 ConvInteger", "1 DynamicQuantizeLinear");
  }

  @Test
  void weights_in_the_bodies_of_conditions_are_named_as_what_is_in_the_way() {
    graph.input("x", 3, 4);

    says(write(conditional("x")), "in the bodies of 1 If");
  }

  @Test
  void weights_in_bodies_are_named_even_where_no_sizes_run() {
    graph.input("x", -1, -1);
    graph.longs("shape", 123_457, 4);

    says(write(conditional(graph.node("Reshape", List.of("x", "shape")))), "in the bodies of 1 If");
  }

  private String conditional(String x) {
    graph.floats("w", new float[20], 4, 5);
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("MatMul")
                    .addInput("x")
                    .addInput("w")
                    .addOutput("z"))
            .addOutput(ValueInfoProto.newBuilder().setName("z"))
            .build();
    graph.longs("yes", 1);
    String flag =
        graph.node("Cast", List.of("yes"), integer("to", TensorProto.DataType.BOOL_VALUE));
    return graph.node(
        "If", List.of(flag), branch("then_branch", body), branch("else_branch", body));
  }

  private static AttributeProto branch(String name, GraphProto body) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body)
        .build();
  }

  @Test
  void a_model_that_never_runs_names_the_input_whose_shape_is_missing() {
    graph.input("x", -1, -1);
    graph.longs("shape", 7, 123_457);
    String y = graph.node("Reshape", List.of("x", "shape"));

    says(write(y), "--input-shape x=");
  }

  @Test
  void shares_add_up_to_all_parameters() {
    graph.input("x", -1, 6);
    graph.floats("a", new float[48], 8, 6);
    graph.floats("b", new float[24], 3, 8);
    String y = graph.node("Gemm", List.of("x", "a"), Attributes.integer("transB", 1));
    y = graph.node("Gemm", List.of(graph.node("Relu", List.of(y)), "b"), integer("transB", 1));
    InspectReport report = Folds.inspect(write(y));

    assertThat(report.obstacle()).isEmpty();
    assertThat(report.shares()).extracting(InspectReport.Share::reason).first().isEqualTo("");
    assertThat(report.shares().stream().mapToLong(InspectReport.Share::parameters).sum())
        .isEqualTo(report.parameters());
  }
}
