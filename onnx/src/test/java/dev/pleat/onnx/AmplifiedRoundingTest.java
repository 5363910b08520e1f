package dev.pleat.onnx;

import static dev.pleat.onnx.network.Graph.integers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.network.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Detectors with weights that nobody trained make much of rounding, and choose by it. */
final class AmplifiedRoundingTest {
  private static final int IN = 64;
  private static final int HIDDEN = 32;
  private static final int OUT = 24;

  @TempDir private Path folder;

  private final Graph graph = new Graph(13);
  private final Random random = new Random(3);

  private String weight(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() / Math.sqrt(rows));
    }
    return graph.floats(name, values, rows, columns);
  }

  @Test
  void a_network_that_makes_much_of_rounding_folds_all_the_same() {
    graph.input("x", 1, IN);
    String y = graph.node("MatMul", List.of("x", weight("a", IN, HIDDEN)));
    y = graph.node("Relu", List.of(y));
    y = graph.node("MatMul", List.of(y, weight("b", HIDDEN, OUT)));
    String steep = graph.floats("steep", new float[] {1e5f}, 1);
    String zero = graph.floats("zero", new float[] {0}, 1);
    String wave = graph.node("Sin", List.of(graph.node("Mul", List.of(y, steep))));
    String chosen = graph.node("NonZero", List.of(graph.node("Greater", List.of(wave, zero))));
    String places = graph.node("Transpose", List.of(chosen), integers("perm", 1, 0));
    graph.node("GatherND", List.of(wave, places), List.of("result"));
    Path model = graph.output("result").write(folder.resolve("model.onnx"));

    FoldReport report = Folds.fold(model, folder.resolve("half.onnx"), 0.5);

    assertThat(report.verification().maxRelativeDifferenceOfDuplicates())
        .as("more than rounding usually does")
        .isGreaterThan(1e-3);
    assertThat(report.groups())
        .filteredOn(group -> !group.frozen())
        .singleElement()
        .satisfies(group -> assertThat(group.after()).isEqualTo(HIDDEN / 2));
  }
}
