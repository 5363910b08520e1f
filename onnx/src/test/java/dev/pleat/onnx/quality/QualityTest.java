package dev.pleat.onnx.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Quality;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.data.HeldOutSplit;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QualityTest {
  private static final int VALUES = 3 * 6 * 6;
  private static final Target.Channels MOST = new Target.Channels(0.9);

  @TempDir private Path folder;

  private static HeldInputs inputs(int count, double noise) {
    Random random = new Random(3);
    float[] values = new float[count * VALUES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (1 + noise * random.nextGaussian());
    }
    return new HeldInputs(
        "samples", "image", new TensorValue.Floats(new long[] {count, 3, 6, 6}, values));
  }

  /** Two convolutions and a map of scores; the second half of each one's channels are copies. */
  private Path model(boolean copies, boolean constant) {
    Random random = new Random(5);
    Graph graph = new Graph(13);
    String x = graph.input("image", -1, 3, 6, 6);
    int[] widths = {3, 16, 12};
    for (int layer = 1; layer < widths.length; layer++) {
      int inner = widths[layer - 1] * 9;
      float[] weight = new float[widths[layer] * inner];
      for (int i = 0; i < weight.length; i++) {
        weight[i] = (float) (random.nextGaussian() / Math.sqrt(inner));
      }
      if (copies) {
        System.arraycopy(weight, 0, weight, weight.length / 2, weight.length / 2);
      }
      String w = graph.floats("w" + layer, weight, widths[layer], widths[layer - 1], 3, 3);
      String b = graph.floats("b" + layer, new float[widths[layer]], widths[layer]);
      x =
          graph.node(
              "Relu",
              List.of(graph.node("Conv", List.of(x, w, b), Graph.integers("pads", 1, 1, 1, 1))));
    }
    float[] head = new float[4 * 12];
    for (int i = 0; i < head.length && !constant; i++) {
      head[i] = (float) random.nextGaussian();
    }
    String w = graph.floats("head", head, 4, 12, 1, 1);
    graph.node("Conv", List.of(x, w), List.of("map"));
    return graph.output("map").write(folder.resolve("model.onnx"));
  }

  private Path output() {
    return folder.resolve("folded.onnx");
  }

  private FoldReport fold(Path model, Target target, CalibrationInputs inputs) {
    FoldOptions options = FoldOptions.of(target).with(Repair.LEAST_SQUARES);
    return OnnxFolding.fold(
        FileFoldRequest.of(model, output(), options)
            .with(new InputSource.Given(inputs))
            .overwriting(),
        Progress.SILENT);
  }

  private Quality quality(Path model, Target target, CalibrationInputs inputs) {
    return fold(model, target, inputs).quality().orElseThrow();
  }

  private static float[] run(Path model, CalibrationInputs inputs) {
    try (OnnxSession session = OnnxSession.open(model, 1)) {
      TensorValue map =
          Objects.requireNonNull(session.run(inputs.batch(0, inputs.count())).get("map"));
      return ((TensorValue.Floats) map).values();
    }
  }

  @Test
  void fidelity_is_what_the_written_model_has_on_inputs_that_were_held_out() {
    Path model = model(false, false);
    HeldInputs all = inputs(60, 0.5);

    Quality quality = quality(model, new Target.Channels(0.25), all);

    CalibrationInputs held = HeldOutSplit.of(all, 1).orElseThrow().heldOut();
    float[] y = run(model, held);
    float[] x = run(output(), held);
    int length = y.length / held.count();
    double error = 0;
    double variation = 0;
    for (int i = 0; i < length; i++) {
      double mean = 0;
      for (int s = 0; s < held.count(); s++) {
        mean += y[s * length + i] / held.count();
      }
      for (int s = 0; s < held.count(); s++) {
        error += Math.pow(y[s * length + i] - x[s * length + i], 2);
        variation += Math.pow(y[s * length + i] - mean, 2);
      }
    }
    assertThat(quality.measure()).isEqualTo("fidelity");
    assertThat(quality.made()).isFalse();
    assertThat(quality.kinds()).hasSize(1);
    assertThat(quality.kinds().getFirst().inputs()).isEqualTo(held.count());
    assertThat(quality.value().orElseThrow()).isCloseTo(1 - error / variation, within(1e-4));
  }

  @Test
  void a_destroyed_model_is_called_one_and_a_smaller_target_named() {
    Quality quality = quality(model(false, false), MOST, inputs(60, 0.5));

    assertThat(quality.value().orElseThrow()).isLessThan(0.7);
    assertThat(quality.keeps()).startsWith("--channels 0.");
    assertThat(quality.warning())
        .startsWith("this model does not do what the original does")
        .contains("predicted to keep 0.95: --channels 0.", "--keep 0.95", "held out");
  }

  @Test
  void a_model_that_keeps_everything_gets_no_warning() {
    Quality quality = quality(model(true, false), new Target.Channels(0.5), inputs(60, 0.5));

    assertThat(quality.value().orElseThrow()).isGreaterThan(0.9999);
    assertThat(quality.warning()).isEmpty();
  }

  @Test
  void an_output_that_is_constant_is_not_called_kept() {
    Quality quality = quality(model(false, true), MOST, inputs(60, 0.5));

    assertThat(quality.value()).isEmpty();
    assertThat(quality.warning()).contains("'map' is the same for all", "--data");
  }

  @Test
  void inputs_that_are_all_alike_tell_nothing() {
    Quality quality = quality(model(false, false), MOST, inputs(60, 0));

    assertThat(quality.value()).isEmpty();
    assertThat(quality.warning()).contains("is the same for all of");
  }

  @Test
  void inputs_too_few_to_hold_any_out_say_how_many_are_enough() {
    Quality quality = quality(model(false, false), MOST, inputs(9, 0.5));

    assertThat(quality.measure()).isEqualTo("none");
    assertThat(quality.warning()).contains("too few to hold a fifth", "10 and more");
  }

  @Test
  void the_smallest_model_of_a_quality_is_found() {
    Path model = model(false, false);

    FoldReport some = fold(model, new Target.Keep(0.9), inputs(120, 0.5));
    FoldReport more = fold(model, new Target.Keep(0.6), inputs(120, 0.5));

    assertThat(some.quality().orElseThrow().value().orElseThrow()).isBetween(0.9, 1.0);
    assertThat(more.quality().orElseThrow().value().orElseThrow()).isBetween(0.6, 1.0);
    assertThat(some.parameters().after()).isLessThan(some.parameters().before());
    assertThat(more.parameters().after()).isLessThan(some.parameters().after());
  }

  @Test
  void channels_that_are_equal_may_go_where_everything_is_to_be_kept() {
    FoldReport report = fold(model(true, false), new Target.Keep(0.9999), inputs(60, 0.5));

    assertThat(report.parameters().removed()).isGreaterThan(0.3);
    assertThat(report.quality().orElseThrow().value().orElseThrow()).isGreaterThan(0.9999);
  }

  @Test
  void a_quality_that_no_fold_has_is_refused_with_the_best_that_was_seen() {
    Path model = model(false, false);

    assertThatThrownBy(() -> fold(model, new Target.Keep(1), inputs(60, 0.5)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll(
            "nothing can be saved at --keep 1", "the best that was seen is 0.");
    assertThat(output()).doesNotExist();
  }

  @Test
  void a_quality_that_cannot_be_measured_is_refused() {
    assertThatThrownBy(() -> fold(model(false, true), new Target.Keep(0.9), inputs(60, 0.5)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("--keep", "--data", "--channels");
    assertThatThrownBy(() -> fold(model(false, false), new Target.Keep(0.9), inputs(5, 0.5)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("--keep", "too few");
  }

  @Test
  void layers_around_a_group_that_keeps_its_width_are_repaired_as_they_are_written() {
    Path model = model(false, false);
    FoldOptions options =
        FoldOptions.of(new Target.Channels(0)).with(Repair.LEAST_SQUARES).with(Map.of("w1", 14));

    FoldReport report =
        OnnxFolding.fold(
            FileFoldRequest.of(model, output(), options)
                .with(new InputSource.Given(inputs(60, 0.5)))
                .overwriting(),
            Progress.SILENT);

    assertThat(report.folded()).hasSize(1);
    assertThat(Arrays.asList(report.quality().orElseThrow().value().orElseThrow()))
        .allSatisfy(value -> assertThat(value).isGreaterThan(0.9));
  }
}
