package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each network is folded by half and run; planted duplicates prove that every use was found. */
final class ExporterIdiomsTest {
  @TempDir private Path folder;

  private final Graph graph = new Graph(13);
  private final Random random = new Random(5);

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

  private String conv(String x, String w, AttributeProto... attributes) {
    return graph.node("Conv", List.of(x, w), attributes);
  }

  private String gemm(String x, String w) {
    return graph.node("Gemm", List.of(x, w), integer("transB", 1));
  }

  private Path finish(String last) {
    graph.node("Identity", List.of(last), List.of("result"));
    return graph.output("result").write(folder.resolve("model.onnx"));
  }

  private void foldsToHalf(String last, String... groups) {
    Path model = finish(last);
    FoldReport report = Folds.fold(model, folder.resolve("half.onnx"), 0.5);
    assertThat(report.groups())
        .filteredOn(g -> !g.frozen())
        .extracting(GroupReport::name)
        .containsExactly(groups);
    assertThat(report.groups())
        .filteredOn(g -> !g.frozen())
        .allSatisfy(g -> assertThat(g.after()).isEqualTo((g.before() + 1) / 2));
    assertThat(report.verification().ran()).isTrue();
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
  }

  private void freezes(String last, String group, String reason) {
    InspectReport report = Folds.inspect(finish(last));
    assertThat(report.frozen())
        .filteredOn(f -> f.name().equals(group))
        .singleElement()
        .satisfies(f -> assertThat(f.reason()).contains(reason));
  }

  @Test
  void weights_behind_transpose_identity_and_cast_fold() {
    graph.input("x", -1, 6);
    weight("a.weight", 8, 6);
    String a = graph.node("Transpose", List.of("a.weight"), integers("perm", 1, 0));
    weight("b.weight", 8, 8);
    String b = graph.node("Identity", List.of("b.weight"));
    weight("c.weight", 8, 3);
    String c = graph.node("Cast", List.of("c.weight"), integer("to", 1));
    String y = graph.node("Relu", List.of(graph.node("MatMul", List.of("x", a))));
    y = graph.node("Relu", List.of(graph.node("MatMul", List.of(y, b))));
    foldsToHalf(graph.node("MatMul", List.of(y, c)), "a", "b");
  }

  @Test
  void weights_in_constant_nodes_fold() {
    graph.input("x", -1, 2, 5, 5);
    weight("a.weight", 8, 2, 3, 3);
    TensorProto tensor = graph.proto().getInitializer(0);
    graph.proto().removeInitializer(0);
    graph
        .proto()
        .addNode(
            NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("a.weight")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(tensor)));
    String y = graph.node("Relu", List.of(conv("x", "a.weight")));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
  }

  @Test
  void a_gated_layer_split_in_halves_folds_both_halves_alike() {
    graph.input("x", -1, 6);
    String both = gemm("x", weight("up.weight", 16, 6));
    graph.node("Split", List.of(both), List.of("gate", "value"), integer("axis", 1));
    String gate = graph.node("Sigmoid", List.of("gate"));
    String y = graph.node("Mul", List.of(gate, "value"));
    foldsToHalf(gemm(y, weight("down.weight", 3, 8)), "up");
  }

  @Test
  void a_convolution_split_by_sizes_makes_two_groups() {
    graph.input("x", -1, 2, 5, 5);
    String both = conv("x", weight("a.weight", 12, 2, 1, 1));
    graph.longs("sizes", 8, 4);
    graph.node("Split", List.of(both, "sizes"), List.of("left", "right"), integer("axis", 1));
    String left = conv(graph.node("Relu", List.of("left")), weight("l.weight", 3, 8, 1, 1));
    String right = conv(graph.node("Tanh", List.of("right")), weight("r.weight", 3, 4, 1, 1));
    foldsToHalf(graph.node("Add", List.of(left, right)), "a", "a~2");
  }

  @Test
  void halves_that_meet_again_after_other_functions_do_not_mix() {
    graph.input("x", -1, 2, 5, 5);
    String both = conv("x", weight("a.weight", 16, 2, 1, 1));
    graph.node("Split", List.of(both), List.of("left", "right"), integer("axis", 1));
    String joined =
        graph.node(
            "Concat",
            List.of(graph.node("Relu", List.of("left")), graph.node("Tanh", List.of("right"))),
            integer("axis", 1));
    foldsToHalf(conv(joined, weight("b.weight", 3, 16, 1, 1)), "a", "a~2");
  }

  @Test
  void slices_follow_the_widths() {
    graph.input("x", -1, 2, 5, 5);
    String all = conv("x", weight("a.weight", 12, 2, 1, 1));
    graph.longs("starts", 4);
    graph.longs("ends", Long.MAX_VALUE);
    graph.longs("axes", 1);
    String part = graph.node("Slice", List.of(all, "starts", "ends", "axes"));
    String y = conv(graph.node("Relu", List.of(part)), weight("b.weight", 3, 8, 1, 1));
    String z = conv(graph.node("Tanh", List.of(all)), weight("c.weight", 3, 12, 1, 1));
    foldsToHalf(graph.node("Add", List.of(y, z)), "a", "a~2");
  }

  @Test
  void a_literal_reshape_after_the_flatten_follows_the_width() {
    graph.input("x", 1, 2, 4, 4);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    graph.longs("shape", 1, 8 * 16);
    y = graph.node("Reshape", List.of(y, "shape"));
    foldsToHalf(gemm(y, weight("b.weight", 3, 8 * 16)), "a");
  }

  @Test
  void shape_arithmetic_is_followed() {
    graph.input("x", -1, 2, 4, 4);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    String shape = graph.node("Shape", List.of(y));
    graph.longs("zero", 0);
    graph.longs("pixels", 8, 16);
    String batch = graph.node("Gather", List.of(shape, "zero"), integer("axis", 0));
    String target = graph.node("Concat", List.of(batch, "pixels"), integer("axis", 0));
    y = graph.node("Reshape", List.of(y, target));
    y = graph.node("ReduceMean", List.of(y), integers("axes", 2), integer("keepdims", 0));
    foldsToHalf(gemm(y, weight("b.weight", 3, 8)), "a");
  }

  @Test
  void a_width_that_is_computed_with_freezes() {
    graph.input("x", -1, 2, 4, 4);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    String shape = graph.node("Shape", List.of(y));
    graph.longs("one", 1);
    String width = graph.node("Gather", List.of(shape, "one"), integer("axis", 0));
    String number = graph.node("Cast", List.of(width), integer("to", 1));
    String scaled = graph.node("Div", List.of(y, graph.node("Sqrt", List.of(number))));
    freezes(conv(scaled, weight("b.weight", 3, 8, 1, 1)), "a", "width");
  }

  @Test
  void vectors_shared_by_unrelated_layers_do_not_tie_them() {
    graph.input("x", -1, 2, 5, 5);
    weight("bias", 8);
    String y =
        graph.node(
            "Relu",
            List.of(graph.node("Conv", List.of("x", weight("a.weight", 8, 2, 1, 1), "bias"))));
    y =
        graph.node(
            "Relu",
            List.of(graph.node("Conv", List.of(y, weight("b.weight", 8, 8, 1, 1), "bias"))));
    foldsToHalf(conv(y, weight("c.weight", 3, 8, 1, 1)), "a", "b");
  }

  @Test
  void a_weight_used_twice_stays_one_weight() {
    graph.input("x", -1, 8, 5, 5);
    weight("shared.weight", 8, 8, 1, 1);
    String y = graph.node("Relu", List.of(conv("x", "shared.weight")));
    String z = conv(y, "shared.weight");
    Path model = finish(graph.node("Add", List.of(z, "x")));
    assertThat(Folds.inspect(model).groups()).isEmpty();
  }

  @Test
  void shared_heads_fold_once_for_all_their_uses() {
    graph.input("x", -1, 2, 6, 6);
    String y = conv("x", weight("stem.weight", 8, 2, 1, 1));
    String small =
        graph.node(
            "MaxPool", List.of(y), integers("kernel_shape", 2, 2), integers("strides", 2, 2));
    weight("head.weight", 8, 8, 1, 1);
    weight("out.weight", 3, 8, 1, 1);
    String a = conv(graph.node("Relu", List.of(conv(y, "head.weight"))), "out.weight");
    String b = conv(graph.node("Relu", List.of(conv(small, "head.weight"))), "out.weight");
    String one = graph.node("GlobalAveragePool", List.of(a));
    String two = graph.node("GlobalAveragePool", List.of(b));
    foldsToHalf(graph.node("Add", List.of(one, two)), "stem", "head");
  }

  @Test
  void slopes_offsets_and_scales_by_channel_fold() {
    graph.input("x", -1, 2, 5, 5);
    String y = conv("x", weight("a.weight", 8, 2, 3, 3));
    y = graph.node("PRelu", List.of(y, weight("slope", 8, 1, 1)));
    y = graph.node("Sub", List.of(y, weight("offset", 1, 8, 1, 1)));
    y = graph.node("Mul", List.of(weight("scale", 8, 1, 1), y));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
  }

  @Test
  void normalising_across_channels_freezes() {
    graph.input("x", -1, 6);
    String y = gemm("x", weight("a.weight", 8, 6));
    y = graph.node("Softmax", List.of(y), integer("axis", -1));
    freezes(gemm(y, weight("b.weight", 3, 8)), "a", "Softmax");
  }

  @Test
  void an_unknown_operator_freezes_what_it_touches_and_tracing_goes_on_behind_it() {
    graph.input("x", 1, 2, 6, 6);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    y = graph.node("NonMaxSuppressionLike", List.of(y));
    y = graph.node("Relu", List.of(conv(y, weight("b.weight", 8, 8, 1, 1))));
    Path model = finish(conv(y, weight("c.weight", 3, 8, 1, 1)));
    InspectReport report = Folds.inspect(model);
    assertThat(report.groups()).extracting(g -> g.name()).containsExactly("b");
    assertThat(report.frozen()).extracting(f -> f.name()).contains("a");
  }

  @Test
  void a_channel_shuffle_becomes_a_gather_that_folds() {
    graph.input("x", 1, 2, 6, 6);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    graph.longs("apart", 1, 2, 4, 6, 6);
    graph.longs("together", 1, 8, 6, 6);
    y = graph.node("Reshape", List.of(y, "apart"));
    y = graph.node("Transpose", List.of(y), integers("perm", 0, 2, 1, 3, 4));
    y = graph.node("Reshape", List.of(y, "together"));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
    assertThat(ModelReader.read(folder.resolve("half.onnx")).nodes())
        .extracting(NodeProto::getOpType)
        .contains("Gather")
        .doesNotContain("Transpose");
  }

  @Test
  void channels_shuffled_between_two_grouped_convolutions_fold_within_both_their_chunks() {
    graph.input("x", 1, 2, 5, 5);
    String y = conv("x", weight("a.weight", 32, 1, 3, 3), integer("group", 2));
    graph.longs("apart", 1, 2, 16, 3, 3);
    graph.longs("together", 1, 32, 3, 3);
    y = graph.node("Reshape", List.of(graph.node("Relu", List.of(y)), "apart"));
    y = graph.node("Transpose", List.of(y), integers("perm", 0, 2, 1, 3, 4));
    y = graph.node("Reshape", List.of(y, "together"));
    y = conv(y, weight("b.weight", 16, 8, 1, 1), integer("group", 4));
    foldsToHalf(conv(graph.node("Relu", List.of(y)), weight("c.weight", 3, 16, 1, 1)), "a", "b");
  }

  @Test
  void chunks_of_two_grouped_convolutions_that_overlap_unequally_freeze() {
    graph.input("x", 1, 2, 5, 5);
    String y = conv("x", weight("a.weight", 12, 1, 3, 3), integer("group", 2));
    y = conv(graph.node("Relu", List.of(y)), weight("b.weight", 6, 4, 1, 1), integer("group", 3));
    freezes(y, "a", "parts of unequal size");
  }

  @Test
  void a_depthwise_multiplier_and_space_to_depth_fold_all_positions_of_a_channel() {
    graph.input("x", -1, 2, 6, 6);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    y = conv(y, weight("deep.weight", 16, 1, 3, 3), integer("group", 8));
    y = graph.node("SpaceToDepth", List.of(y), integer("blocksize", 2));
    foldsToHalf(conv(y, weight("b.weight", 3, 64, 1, 1)), "a");
  }

  @Test
  void depth_to_space_ties_the_channels_of_one_pixel_block() {
    graph.input("x", -1, 2, 6, 6);
    String y = conv("x", weight("a.weight", 32, 2, 1, 1));
    y = graph.node("DepthToSpace", List.of(y), integer("blocksize", 2));
    Path model = finish(conv(y, weight("b.weight", 3, 8, 1, 1)));
    assertThat(Folds.groups(model)).containsExactly("a 8");
    FoldReport report = Folds.fold(model, folder.resolve("half.onnx"), 0.5);
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
  }

  @Test
  void transposed_depthwise_convolution_folds() {
    graph.input("x", -1, 2, 6, 6);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    y =
        graph.node(
            "ConvTranspose",
            List.of(y, weight("up.weight", 8, 1, 2, 2)),
            integer("group", 8),
            integers("strides", 2, 2));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
  }

  @Test
  void resizing_to_literal_sizes_follows_the_width() {
    graph.input("x", 1, 2, 4, 4);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    graph.longs("sizes", 1, 8, 8, 8);
    y = graph.node("Resize", List.of(y, "", "", "sizes"));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
  }

  @Test
  void padded_channels_of_a_shortcut_freeze_only_what_meets_the_padding() {
    graph.input("x", -1, 4, 4, 4);
    String y = graph.node("Relu", List.of(conv("x", weight("a.weight", 4, 4, 1, 1))));
    graph.longs("pads", 0, 2, 0, 0, 0, 2, 0, 0);
    String shortcut = graph.node("Pad", List.of(y, "pads"));
    String inner = graph.node("Relu", List.of(conv(y, weight("b.weight", 6, 4, 1, 1))));
    String deep = conv(inner, weight("c.weight", 8, 6, 1, 1));
    String sum = graph.node("Add", List.of(shortcut, deep));
    Path model = finish(conv(sum, weight("d.weight", 3, 8, 1, 1)));
    FoldReport report = Folds.fold(model, folder.resolve("half.onnx"), 0.5);
    assertThat(report.groups())
        .filteredOn(g -> !g.frozen())
        .extracting(GroupReport::name)
        .containsExactly("a", "b");
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
  }

  @Test
  void values_used_inside_control_flow_freeze() {
    graph.input("x", 1, 2, 4, 4);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    graph
        .proto()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("yes")
                .setDataType(TensorProto.DataType.BOOL_VALUE)
                .addInt32Data(1));
    graph.node(
        "If", List.of("yes"), List.of("chosen"), body("then_branch", y), body("else_branch", y));
    String z = conv("chosen", weight("b.weight", 3, 8, 1, 1));
    freezes(z, "a", "inside the body");
  }

  private static AttributeProto body(String name, String captured) {
    GraphProto body =
        GraphProto.newBuilder()
            .setName(name)
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Relu")
                    .addInput(captured)
                    .addOutput(name + "_out"))
            .addOutput(ValueInfoProto.newBuilder().setName(name + "_out"))
            .build();
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(body)
        .build();
  }

  @Test
  void initializers_that_old_formats_list_as_inputs_fold_with_their_declaration() {
    graph.input("x", -1, 2, 5, 5);
    graph.input("a.weight", 8, 2, 1, 1);
    String y = conv("x", weight("a.weight", 8, 2, 1, 1));
    foldsToHalf(conv(y, weight("b.weight", 3, 8, 1, 1)), "a");
  }

  @Test
  void a_model_that_draws_random_numbers_cannot_be_verified_and_says_so() {
    graph.input("x", -1, 6);
    String y = graph.node("Relu", List.of(gemm("x", weight("a.weight", 8, 6))));
    String z = gemm(y, weight("b.weight", 3, 8));
    String noise = graph.node("RandomUniformLike", List.of(z));
    Path model = finish(graph.node("Add", List.of(z, noise)));
    assertThatThrownBy(() -> Folds.fold(model, folder.resolve("half.onnx"), 0.5))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("RandomUniformLike")
        .hasMessageContaining("--no-verify");
  }
}
