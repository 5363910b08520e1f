package dev.pleat.onnx.gradient;

import static dev.pleat.onnx.network.Graph.integer;
import static dev.pleat.onnx.network.Graph.integers;

import dev.pleat.onnx.model.Attributes;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShapeGradientsTest {
  private static final long[] SHAPE = {2, 3, 4, 5};

  @TempDir Path folder;

  private void agree(int opset, long[] shape, FiniteDifferences.Network network) {
    FiniteDifferences.agree(folder, opset, shape, network);
  }

  @Test
  void flattened_and_reshaped_values_keep_their_gradients() {
    agree(13, SHAPE, g -> g.node("Flatten", List.of("x"), integer("axis", 2)));
    agree(13, SHAPE, g -> g.node("Reshape", List.of("x", g.longs("to", 0, -1, 10))));
  }

  @Test
  void shapes_worked_out_by_the_graph_do_not_stand_in_the_way() {
    agree(
        13,
        SHAPE,
        g -> {
          String batch =
              g.node("Gather", List.of(g.node("Shape", List.of("x")), g.longs("first", 0)));
          String to = g.node("Concat", List.of(batch, g.longs("rest", -1)), integer("axis", 0));
          return g.node("Reshape", List.of("x", to));
        });
  }

  @Test
  void squeezed_and_unsqueezed_values_keep_their_gradients() {
    agree(13, SHAPE, g -> g.node("Unsqueeze", List.of("x", g.longs("axes", 1, -1))));
    agree(11, new long[] {2, 1, 3}, g -> g.node("Squeeze", List.of("x"), integers("axes", 1)));
  }

  @Test
  void transposed_values_find_their_way_back() {
    agree(13, SHAPE, g -> g.node("Transpose", List.of("x"), integers("perm", 2, 0, 3, 1)));
    agree(13, SHAPE, g -> g.node("Transpose", List.of("x")));
  }

  @Test
  void joined_values_get_their_own_part() {
    agree(
        13,
        SHAPE,
        g ->
            g.node(
                "Concat",
                List.of(
                    "x", g.floats("c", new float[8 * 5], 2, 1, 4, 5), g.node("Exp", List.of("x"))),
                integer("axis", 1)));
    agree(
        13,
        SHAPE,
        g -> g.node("Concat", List.of("x", g.node("Exp", List.of("x"))), integer("axis", 0)));
  }

  @Test
  void parts_that_nobody_reads_get_zeros() {
    agree(
        13,
        SHAPE,
        g -> {
          g.node(
              "Split",
              List.of("x", g.longs("sizes", 1, 3, 1)),
              List.of("a", "b", "c"),
              integer("axis", 3));
          return g.node("Mul", List.of("a", g.node("Exp", List.of("c"))));
        });
  }

  @Test
  void slices_are_put_back_in_their_place() {
    agree(
        13,
        SHAPE,
        g ->
            g.node(
                "Slice",
                List.of(
                    "x", g.longs("from", 1, -3), g.longs("to", 1000, -1), g.longs("axes", 2, -1))));
    agree(
        13,
        SHAPE,
        g ->
            g.node(
                "Slice",
                List.of(
                    "x",
                    g.longs("from", 1, 4),
                    g.longs("to", 4, -100),
                    g.longs("axes", 2, 3),
                    g.longs("steps", 2, -2))));
    agree(
        9,
        SHAPE,
        g -> g.node("Slice", List.of("x"), integers("starts", 0, 1), integers("ends", 1, 3)));
  }

  @Test
  void gathered_values_add_up() {
    agree(
        13,
        SHAPE,
        g -> g.node("Gather", List.of("x", g.longs("at", 2, 0, -1, 2)), integer("axis", 1)));
    agree(
        13,
        SHAPE,
        g -> {
          String scalar = g.node("Squeeze", List.of(g.longs("at", 3)));
          return g.node("Gather", List.of("x", scalar), integer("axis", 2));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"constant", "reflect", "edge"})
  void padding_adds_to_where_it_came_from(String mode) {
    agree(
        13,
        SHAPE,
        g ->
            g.node(
                "Pad",
                List.of("x", g.longs("pads", 0, 0, 2, 1, 0, 0, 1, 3)),
                Attributes.text("mode", mode)));
    agree(
        8,
        SHAPE,
        g ->
            g.node(
                "Pad",
                List.of("x"),
                integers("pads", 0, 0, 0, 1, 0, 0, 1, 2),
                Attributes.text("mode", mode)));
  }

  @Test
  void padding_that_cuts_gives_zeros_to_what_it_cut() {
    agree(
        18,
        SHAPE,
        g -> g.node("Pad", List.of("x", g.longs("pads", 1, -2, -1, 0), "", g.longs("axes", 2, 3))));
  }

  @Test
  void resizing_nearest_and_linear_agrees_with_finite_differences() {
    for (String mode : List.of("nearest", "linear", "cubic")) {
      for (String place :
          List.of("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")) {
        agree(
            13,
            SHAPE,
            g ->
                g.node(
                    "Resize",
                    List.of("x", "", g.floats("scales", new float[] {1, 1, 2, 3}, 4)),
                    Attributes.text("mode", mode),
                    Attributes.text("coordinate_transformation_mode", place),
                    Attributes.text("nearest_mode", "floor")));
      }
    }
    agree(
        19,
        SHAPE,
        g ->
            g.node(
                "Resize",
                List.of("x", "", "", g.longs("sizes", 7, 3)),
                integers("axes", 2, 3),
                Attributes.text("mode", "linear")));
  }

  @Test
  void resizing_as_early_operator_sets_did_agrees_too() {
    for (String mode : List.of("nearest", "linear")) {
      agree(
          9,
          SHAPE,
          g ->
              g.node(
                  "Upsample",
                  List.of("x", g.floats("scales", new float[] {1, 1, 2, 2}, 4)),
                  Attributes.text("mode", mode)));
      agree(
          10,
          SHAPE,
          g ->
              g.node(
                  "Resize",
                  List.of("x", g.floats("scales", new float[] {1, 1, 2, 2}, 4)),
                  Attributes.text("mode", mode)));
    }
  }
}
