package dev.pleat.onnx.gradient;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;

import dev.pleat.onnx.model.Attributes;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers: convolutions, matrices, normalisations, pooling, reductions. */
final class NetworkGradientsTest {
  @TempDir Path folder;

  private void agree(int opset, long[] shape, FiniteDifferences.Network network) {
    FiniteDifferences.agree(folder, opset, shape, network);
  }

  private static String random(Graph graph, String name, long... shape) {
    SplittableRandom random = new SplittableRandom(7);
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return graph.floats(name, values, shape);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "2, 1, 1, 1",
    "2, 1, 1, 2",
    "3, 2, 1, 4",
    "1, 0, 2, 1",
    "2, 2, 2, 2",
    "3, 0, 1, 1"
  })
  void convolutions_of_two_axes_agree(int stride, int pad, int dilation, int groups) {
    agree(
        13,
        new long[] {2, 4, 7, 6},
        g ->
            g.node(
                "Conv",
                List.of("x", random(g, "w", 8, 4 / groups, 3, 3), random(g, "b", 8)),
                integers("strides", stride, stride),
                integers("pads", pad, pad, pad, pad),
                integers("dilations", dilation, dilation),
                integer("group", groups)));
  }

  @Test
  void convolutions_whose_sizes_the_network_computes_agree() {
    agree(
        13,
        new long[] {2, 2, 5, 5},
        g -> {
          String size = g.node("ReduceMax", List.of(g.node("Shape", List.of("x"))));
          String one = g.node("Div", List.of(size, g.longs("four", 4)));
          String none = g.longs("none", 0, 0);
          String pads =
              g.node("Concat", List.of(none, one, one, none, one, one), integer("axis", 0));
          return g.node(
              "Conv",
              List.of(g.node("Pad", List.of("x", pads)), random(g, "w", 3, 2, 3, 3)),
              integers("strides", 2, 2));
        });
  }

  @Test
  void convolutions_of_one_and_three_axes_agree() {
    agree(
        13,
        new long[] {2, 3, 9},
        g ->
            g.node(
                "Conv",
                List.of("x", random(g, "w", 2, 3, 4)),
                integers("strides", 2),
                integers("pads", 2, 1)));
    agree(
        13,
        new long[] {1, 2, 4, 5, 3},
        g ->
            g.node(
                "Conv",
                List.of("x", random(g, "w", 3, 2, 3, 2, 1)),
                integers("strides", 1, 2, 2),
                integers("pads", 1, 0, 0, 1, 1, 0)));
  }

  @ParameterizedTest
  @CsvSource({"1, SAME_UPPER", "2, SAME_UPPER", "2, SAME_LOWER", "3, SAME_LOWER", "2, VALID"})
  void convolutions_that_pad_by_themselves_agree(int stride, String pad) {
    agree(
        13,
        new long[] {1, 2, 6, 7},
        g ->
            g.node(
                "Conv",
                List.of("x", random(g, "w", 3, 2, 4, 3)),
                integers("strides", stride, stride),
                Attributes.text("auto_pad", pad)));
  }

  @Test
  void kernels_smaller_than_their_stride_or_their_padding_agree() {
    agree(
        13,
        new long[] {2, 3, 5, 6},
        g -> g.node("Conv", List.of("x", random(g, "w", 4, 3, 1, 1)), integers("strides", 2, 2)));
    agree(
        13,
        new long[] {2, 3, 5, 6},
        g ->
            g.node("Conv", List.of("x", random(g, "w", 4, 3, 1, 1)), integers("pads", 1, 2, 0, 1)));
  }

  @Test
  void weights_that_the_graph_works_out_agree() {
    agree(
        13,
        new long[] {2, 3, 5, 6},
        g -> g.node("Conv", List.of("x", g.node("Neg", List.of(random(g, "w", 4, 3, 2, 2))))));
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 1, 0", "2, 1, 1, 1", "3, 1, 2, 2", "2, 0, 2, 0"})
  void transposed_convolutions_agree(int stride, int pad, int groups, int extra) {
    agree(
        13,
        new long[] {2, 4, 4, 3},
        g ->
            g.node(
                "ConvTranspose",
                List.of("x", random(g, "w", 4, 3, 3, 3)),
                integers("strides", stride, stride),
                integers("pads", pad, pad, pad, pad),
                integers("output_padding", extra, extra),
                integer("group", groups)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SAME_UPPER", "SAME_LOWER"})
  void transposed_convolutions_that_pad_by_themselves_agree(String pad) {
    agree(
        13,
        new long[] {1, 2, 4, 3},
        g ->
            g.node(
                "ConvTranspose",
                List.of("x", random(g, "w", 2, 3, 3, 3)),
                integers("strides", 2, 2),
                Attributes.text("auto_pad", pad)));
  }

  @Test
  void normalisations_agree() {
    float[] positive = {0.5f, 2, 1.3f};
    agree(
        13,
        new long[] {2, 3, 4, 2},
        g ->
            g.node(
                "BatchNormalization",
                List.of(
                    "x",
                    g.node("Identity", List.of(random(g, "scale", 3))),
                    random(g, "bias", 3),
                    random(g, "mean", 3),
                    g.floats("var", positive, 3)),
                Attributes.real("epsilon", 0.7f)));
    agree(
        13,
        new long[] {2, 3, 4},
        g ->
            g.node(
                "BatchNormalization",
                List.of(
                    "x",
                    random(g, "scale", 3),
                    random(g, "bias", 3),
                    random(g, "mean", 3),
                    g.node("Exp", List.of(random(g, "var", 3)))),
                Attributes.real("epsilon", 0.7f)));
    agree(
        13,
        new long[] {2, 3, 4, 2},
        g ->
            g.node(
                "InstanceNormalization",
                List.of("x", random(g, "scale", 3), random(g, "bias", 3)),
                Attributes.real("epsilon", 0.7f)));
    agree(
        17,
        new long[] {2, 3, 4},
        g ->
            g.node(
                "LayerNormalization",
                List.of("x", random(g, "scale", 4)),
                Attributes.real("epsilon", 0.7f)));
  }

  @Test
  void matrix_products_with_constants_and_with_each_other_agree() {
    agree(13, new long[] {2, 3, 4}, g -> g.node("MatMul", List.of("x", random(g, "w", 4, 5))));
    agree(13, new long[] {2, 3, 4}, g -> g.node("MatMul", List.of(random(g, "w", 5, 3), "x")));
    agree(13, new long[] {3, 4}, g -> g.node("MatMul", List.of("x", random(g, "w", 2, 4, 5))));
    agree(13, new long[] {3, 4}, g -> g.node("MatMul", List.of(random(g, "w", 2, 5, 3), "x")));
    agree(13, new long[] {3, 4}, g -> g.node("MatMul", List.of("x", random(g, "w", 4))));
    agree(13, new long[] {4}, g -> g.node("MatMul", List.of("x", random(g, "w", 2, 4, 3))));
    agree(13, new long[] {4}, g -> g.node("MatMul", List.of(random(g, "w", 2, 3, 4), "x")));
    agree(13, new long[] {4}, g -> g.node("MatMul", List.of("x", random(g, "w", 4))));
    agree(
        13,
        new long[] {2, 3, 4},
        g ->
            g.node(
                "MatMul",
                List.of("x", g.node("Transpose", List.of("x"), integers("perm", 0, 2, 1)))));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 1", "1, 0", "1, 1"})
  void general_matrix_products_agree_for_every_operand(int transA, int transB) {
    long[] a = transA == 1 ? new long[] {3, 2} : new long[] {2, 3};
    long[] b = transB == 1 ? new long[] {4, 3} : new long[] {3, 4};
    var attributes =
        List.of(
            integer("transA", transA),
            integer("transB", transB),
            Attributes.real("alpha", 0.7f),
            Attributes.real("beta", -1.5f));
    var array = attributes.toArray(new ai.onnx.proto.OnnxMl.AttributeProto[0]);
    agree(13, a, g -> g.node("Gemm", List.of("x", random(g, "b", b), random(g, "c", 4)), array));
    agree(13, b, g -> g.node("Gemm", List.of(random(g, "a", a), "x"), array));
    agree(
        13,
        new long[] {2, 1},
        g -> g.node("Gemm", List.of(random(g, "a", a), random(g, "b", b), "x"), array));
  }

  @Test
  void largest_values_take_the_gradient_also_of_overlapping_windows() {
    agree(
        13,
        new long[] {1, 2, 7, 6},
        g ->
            g.node(
                "MaxPool",
                List.of("x"),
                integers("kernel_shape", 3, 3),
                integers("strides", 2, 2),
                integers("pads", 1, 1, 1, 1)));
    agree(
        13,
        new long[] {2, 2, 9},
        g ->
            g.node(
                "MaxPool",
                List.of("x"),
                integers("kernel_shape", 2),
                integers("strides", 2),
                integer("ceil_mode", 1)));
    agree(8, new long[] {2, 3, 4, 2}, g -> g.node("GlobalMaxPool", List.of("x")));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 2, 1, 0, 0",
    "3, 2, 1, 1, 0",
    "2, 2, 0, 0, 0",
    "3, 1, 1, 0, 0",
    "3, 2, 0, 0, 1",
    "2, 3, 0, 0, 1"
  })
  void averages_share_the_gradient(int kernel, int stride, int pad, int counted, int ceil) {
    agree(
        19,
        new long[] {1, 2, 7, 6},
        g ->
            g.node(
                "AveragePool",
                List.of("x"),
                integers("kernel_shape", kernel, kernel),
                integers("strides", stride, stride),
                integers("pads", pad, pad, pad, pad),
                integer("count_include_pad", counted),
                integer("ceil_mode", ceil)));
  }

  @Test
  void averages_that_pad_by_themselves_and_of_everything_agree() {
    agree(
        11,
        new long[] {1, 2, 7, 6},
        g ->
            g.node(
                "AveragePool",
                List.of("x"),
                integers("kernel_shape", 3, 2),
                integers("strides", 2, 2),
                Attributes.text("auto_pad", "SAME_UPPER")));
    agree(11, new long[] {2, 3, 4, 2}, g -> g.node("GlobalAveragePool", List.of("x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ReduceMean", "ReduceSum"})
  void reductions_agree_whether_axes_are_kept_or_not(String op) {
    long[] shape = {2, 3, 4};
    agree(11, shape, g -> g.node(op, List.of("x"), integers("axes", -1)));
    agree(11, shape, g -> g.node(op, List.of("x"), integers("axes", 0, 2), integer("keepdims", 0)));
    agree(18, shape, g -> g.node(op, List.of("x", g.longs("axes", 1)), integer("keepdims", 0)));
    agree(18, shape, g -> g.node(op, List.of("x"), integer("keepdims", 0)));
    agree(18, shape, g -> g.node(op, List.of("x"), integer("noop_with_empty_axes", 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Softmax", "LogSoftmax"})
  void softmax_agrees_along_one_axis_and_as_early_operator_sets_had_it(String op) {
    agree(13, new long[] {2, 3, 4}, g -> g.node(op, List.of("x")));
    agree(13, new long[] {2, 3, 4}, g -> g.node(op, List.of("x"), integer("axis", 1)));
    agree(11, new long[] {2, 3, 4}, g -> g.node(op, List.of("x")));
  }
}
