package dev.pleat.onnx.gradient;

import static dev.pleat.onnx.network.Graph.integer;

import dev.pleat.onnx.model.Attributes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UnaryGradientsTest {
  private static final long[] SHAPE = {2, 3, 5};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Relu", "LeakyRelu", "Elu", "HardSigmoid", "HardSwish", "Mish", "Erf", "Sigmoid", "Tanh",
        "Softplus", "Exp", "Reciprocal", "Abs", "Neg", "Sin", "Cos", "Identity", "Dropout"
      })
  void functions_without_attributes_agree_with_finite_differences(String op) {
    FiniteDifferences.agree(
        folder,
        18,
        SHAPE,
        g -> g.node(op, List.of(g.node("Mul", List.of("x", g.floats("c", new float[] {2.9f}))))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Log", "Sqrt"})
  void functions_of_positive_numbers_agree_with_finite_differences(String op) {
    FiniteDifferences.agree(
        folder,
        18,
        SHAPE,
        g -> g.node(op, List.of(g.node("Exp", List.of(g.node("Neg", List.of("x")))))));
  }

  @Test
  void slopes_and_bounds_are_those_of_the_attributes() {
    for (String op : List.of("LeakyRelu", "Elu", "HardSigmoid")) {
      FiniteDifferences.agree(
          folder, 18, SHAPE, g -> g.node(op, List.of("x"), Attributes.real("alpha", 0.39f)));
    }
    FiniteDifferences.agree(
        folder,
        18,
        SHAPE,
        g ->
            g.node(
                "HardSigmoid",
                List.of("x"),
                Attributes.real("alpha", 2),
                Attributes.real("beta", 0.13f)));
  }

  @Test
  void leaky_relu_with_a_negative_slope_tells_the_sides_apart() {
    FiniteDifferences.agree(
        folder, 18, SHAPE, g -> g.node("LeakyRelu", List.of("x"), Attributes.real("alpha", -0.5f)));
  }

  @Test
  void a_slope_for_each_channel_agrees_with_finite_differences() {
    FiniteDifferences.agree(
        folder,
        16,
        SHAPE,
        g -> g.node("PRelu", List.of("x", g.floats("slope", new float[] {0.1f, -0.4f, 2}, 3, 1))));
  }

  @Test
  void clipping_by_inputs_by_one_of_them_and_by_attributes_agrees() {
    FiniteDifferences.agree(
        folder,
        13,
        SHAPE,
        g ->
            g.node(
                "Clip",
                List.of(
                    "x",
                    g.floats("least", new float[] {-0.225f}),
                    g.floats("most", new float[] {0.425f}))));
    FiniteDifferences.agree(
        folder,
        13,
        SHAPE,
        g -> g.node("Clip", List.of("x", "", g.floats("most", new float[] {0.225f}))));
    FiniteDifferences.agree(
        folder,
        7,
        SHAPE,
        g ->
            g.node(
                "Clip", List.of("x"), Attributes.real("min", 0), Attributes.real("max", 0.425f)));
  }

  @Test
  void gelu_agrees_exact_approximate_and_decomposed() {
    FiniteDifferences.agree(folder, 20, SHAPE, g -> g.node("Gelu", List.of("x")));
    FiniteDifferences.agree(
        folder,
        20,
        SHAPE,
        g -> g.node("Gelu", List.of("x"), Attributes.text("approximate", "tanh")));
    FiniteDifferences.agree(
        folder,
        17,
        SHAPE,
        g -> {
          String root = g.floats("root", new float[] {1.4142135f});
          String erf = g.node("Erf", List.of(g.node("Div", List.of("x", root))));
          String one = g.floats("one", new float[] {1});
          String half = g.floats("half", new float[] {0.5f});
          String twice = g.node("Mul", List.of("x", g.node("Add", List.of(erf, one))));
          return g.node("Mul", List.of(twice, half));
        });
  }

  @Test
  void a_value_times_its_own_sigmoid_sums_both_ways() {
    FiniteDifferences.agree(
        folder, 17, SHAPE, g -> g.node("Mul", List.of("x", g.node("Sigmoid", List.of("x")))));
  }

  @Test
  void a_cast_from_float_to_float_passes_and_one_to_integers_and_back_does_not_matter() {
    FiniteDifferences.agree(
        folder,
        17,
        SHAPE,
        g -> {
          String whole =
              g.node(
                  "Cast",
                  List.of(g.node("Mul", List.of("x", g.floats("c", new float[] {1.02f})))),
                  integer("to", 7));
          String back = g.node("Cast", List.of(whole), integer("to", 1));
          return g.node("Add", List.of(back, g.node("Cast", List.of("x"), integer("to", 1))));
        });
  }
}
