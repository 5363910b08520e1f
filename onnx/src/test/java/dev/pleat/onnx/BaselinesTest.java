package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.network.Graph;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Methods to compare with, on a network without normalisations and one with many. */
final class BaselinesTest {
  private static final FoldOptions HALF =
      FoldOptions.of(new Target.Channels(0.5)).with(Repair.NONE);

  @TempDir private Path folder;

  private static Path network(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(BaselinesTest.class.getResource("/networks/" + name)).toURI());
  }

  @ParameterizedTest
  @EnumSource(
      value = Method.class,
      names = {"WARD", "KMEANS", "HARTIGAN", "IFM", "INN"})
  void every_method_halves_networks_with_and_without_normalisations(Method method)
      throws URISyntaxException {
    for (String name : List.of("lenet5.onnx", "mobile-bn.onnx")) {
      FoldReport report =
          Folds.fold(network(name), folder.resolve(method + name), HALF.with(method));

      assertThat(report.method()).isEqualTo(method.spelling());
      assertThat(report.verification().ran()).isTrue();
      assertThat(report.parameters().after()).isLessThan(report.parameters().before() / 2);
      assertThat(report.groups())
          .filteredOn(group -> !group.frozen())
          .allSatisfy(group -> {
            assertThat(group.after()).isEqualTo((group.before() + 1) / 2);
            assertThat(group.relativeError()).isBetween(0.0, 1.0);
            assertThat(group.varianceRatio()).isPositive();
          });
    }
  }

  @Test
  void no_clusterer_reaches_a_much_lower_objective_than_folding() throws URISyntaxException {
    double folding = error(Method.FOLD);

    assertThat(error(Method.WARD)).isGreaterThanOrEqualTo(folding);
    assertThat(error(Method.KMEANS)).isGreaterThan(folding * 0.97);
    assertThat(error(Method.HARTIGAN)).isGreaterThan(folding * 0.95);
    assertThat(error(Method.RANDOM)).isGreaterThan(folding * 1.2);
  }

  private double error(Method method) throws URISyntaxException {
    FoldReport report =
        Folds.fold(network("lenet5.onnx"), folder.resolve("error" + method), HALF.with(method));
    return report.groups().stream().mapToDouble(group -> group.relativeError()).sum();
  }

  @Test
  void feature_merging_of_equal_channels_changes_nothing_where_nothing_is_normalised() {
    Graph graph = new Graph(17);
    graph.input("x", -1, 6);
    Random random = new Random(1);
    float[] rows = new float[8 * 6];
    float[] columns = new float[3 * 8];
    for (int channel = 0; channel < 4; channel++) {
      for (int j = 0; j < 6; j++) {
        rows[channel * 6 + j] = (float) random.nextGaussian();
        rows[(channel + 4) * 6 + j] = rows[channel * 6 + j];
      }
      for (int j = 0; j < 3; j++) {
        columns[j * 8 + channel] = (float) random.nextGaussian();
        columns[j * 8 + channel + 4] = columns[j * 8 + channel];
      }
    }
    String y =
        graph.node(
            "Gemm", List.of("x", graph.floats("a.weight", rows, 8, 6)), Graph.integer("transB", 1));
    y = graph.node("Relu", List.of(y));
    y =
        graph.node(
            "Gemm",
            List.of(y, graph.floats("b.weight", columns, 3, 8)),
            Graph.integer("transB", 1));
    graph.node("Identity", List.of(y), List.of("result"));
    Path model = graph.output("result").write(folder.resolve("equal.onnx"));
    Path merged = folder.resolve("merged.onnx");

    FoldReport report = Folds.fold(model, merged, HALF.with(Method.IFM));

    assertThat(report.groups().getFirst().after()).isEqualTo(4);
    float[] expected = Folds.floats(model);
    float[] found = Folds.floats(merged);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  @Test
  void repairs_of_means_are_refused_for_methods_that_mix_their_own_way() {
    for (Repair repair : List.of(Repair.APPROXIMATE, Repair.LEAST_SQUARES)) {
      for (Method method : List.of(Method.IFM, Method.INN)) {
        assertThatThrownBy(() ->
                Folds.fold(
                    network("lenet5.onnx"),
                    folder.resolve("refused.onnx"),
                    HALF.with(method).with(repair)))
            .isInstanceOf(PleatException.class)
            .hasMessageContainingAll(
                repair.setting().toString(), method.setting().toString(), "give none");
      }
    }
  }
}
