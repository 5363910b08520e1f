package dev.pleat.onnx.gradient;

import static dev.pleat.onnx.network.Graph.integer;

import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArithmeticGradientsTest {
  private static final long[] SHAPE = {2, 3, 4};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Max", "Min", "Sum"})
  void an_operand_that_is_repeated_gets_the_sum(String op) {
    FiniteDifferences.agree(
        folder,
        17,
        SHAPE,
        g -> {
          String row = g.node("Neg", List.of(firstColumn(g)));
          return g.node(op, List.of(row, "x"));
        });
    FiniteDifferences.agree(
        folder,
        17,
        SHAPE,
        g -> {
          String row = g.node("ReduceSum", List.of(firstColumn(g)), integer("keepdims", 0));
          return g.node(op, List.of("x", row));
        });
  }

  private static String firstColumn(Graph graph) {
    return graph.node(
        "Slice",
        List.of("x", graph.longs("from", 0), graph.longs("to", 1), graph.longs("axes", 2)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div"})
  void constants_may_be_on_either_side_and_repeat_the_input(String op) {
    float[] values = {0.5f, -1.5f, 2, 0.7f, -0.8f, 1.1f};
    FiniteDifferences.agree(
        folder, 13, SHAPE, g -> g.node(op, List.of("x", g.floats("c", values, 2, 3, 1))));
    FiniteDifferences.agree(
        folder,
        13,
        new long[] {3, 1},
        g -> g.node(op, List.of(g.floats("c", values, 2, 1, 3), "x")));
    FiniteDifferences.agree(
        folder,
        13,
        new long[] {1, 3},
        new long[] {-1, -1},
        g -> g.node(op, List.of(g.floats("c", values, 2, 1, 3), "x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Max", "Min", "Sum"})
  void three_operands_agree_with_finite_differences(String op) {
    FiniteDifferences.agree(
        folder,
        13,
        SHAPE,
        g ->
            g.node(
                op,
                List.of(
                    "x",
                    g.node("Mul", List.of("x", g.floats("m", new float[] {-2}))),
                    g.floats("c", new float[] {0.325f}))));
  }

  @ParameterizedTest
  @ValueSource(floats = {2, 3, -1})
  void powers_agree_with_finite_differences(float exponent) {
    FiniteDifferences.agree(
        folder, 13, SHAPE, g -> g.node("Pow", List.of("x", g.floats("e", new float[] {exponent}))));
  }

  @Test
  void a_choice_hands_the_gradient_to_the_chosen() {
    FiniteDifferences.agree(
        folder,
        13,
        SHAPE,
        g -> {
          String mask = g.node("Greater", List.of("x", g.floats("c", new float[] {0.225f})));
          String square = g.node("Mul", List.of("x", "x"));
          return g.node("Where", List.of(mask, square, g.node("Neg", List.of("x"))));
        });
  }

  @Test
  void expanding_is_summed_back() {
    FiniteDifferences.agree(
        folder,
        13,
        new long[] {3, 1},
        g -> g.node("Expand", List.of("x", g.longs("shape", 2, 1, 4))));
  }
}
