package dev.pleat.onnx.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.EvalReport;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.data.SmallFiles;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.request.EvalRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EvaluationTest {
  private static final int CLASSES = 6;
  private static final int COUNT = 10;

  /** Nobody looks at these latencies. */
  private static final LatencyTimer.Effort FEW_RUNS = new LatencyTimer.Effort(3, 0);

  @TempDir Path folder;
  private Path images = Path.of("images");
  private Path labels = Path.of("labels");

  /** Pixel c of image i is brightest at i mod 6, then falls to the right, round the end. */
  @BeforeEach
  void write_images() {
    byte[] pixels = new byte[COUNT * CLASSES];
    for (int i = 0; i < COUNT; i++) {
      for (int c = 0; c < CLASSES; c++) {
        pixels[i * CLASSES + c] = (byte) (250 - 40 * Math.floorMod(c - i, CLASSES));
      }
    }
    images = SmallFiles.idx(folder.resolve("images"), pixels, COUNT, 1, CLASSES);
    // Seven are right; of the others two are second, and one is last.
    byte[] truth = {0, 1, 2, 3, 4, 5, 0, 2, 3, 2};
    labels = SmallFiles.idx(folder.resolve("labels"), truth, COUNT);
  }

  private Path model(String name, int batch, float scale, boolean softmax) {
    return PixelClassifier.write(folder.resolve(name), batch, CLASSES, scale, softmax);
  }

  private EvalRequest labelled(Path model) {
    return EvalRequest.of(model).withImages(images, Optional.of(labels), Preprocessing.plain());
  }

  private static EvalReport run(EvalRequest request) {
    return Evaluation.run(request, FEW_RUNS, Progress.SILENT);
  }

  private static EvalRequest withBatch(EvalRequest r, int batch, int latencyBatch) {
    return new EvalRequest(
        r.model(),
        r.images(),
        r.labels(),
        r.preprocessing(),
        r.inputs(),
        r.against(),
        OptionalInt.of(batch),
        1,
        latencyBatch,
        r.inputShapes(),
        r.outputName());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 64})
  void accuracy_is_the_share_of_right_images_at_any_batch(int batch) {
    EvalReport report = run(withBatch(labelled(model("m", 0, 1, false)), batch, 1));
    assertThat(report.accuracy()).hasValue(0.7);
    assertThat(report.top5()).hasValue(0.9);
    assertThat(report.count()).isEqualTo(COUNT);
    assertThat(report.agreement()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 16})
  void a_model_with_a_fixed_batch_gets_a_padded_last_one(int batch) throws IOException {
    Path model = model("m", batch, 1, true);
    EvalReport report = run(labelled(model));
    assertThat(report.accuracy()).hasValue(0.7);
    assertThat(report.top5()).hasValue(0.9);
    assertThat(report.latencyMs().batch()).isEqualTo(batch);
    assertThat(report.bytes()).isEqualTo(Files.size(model));
    assertThatThrownBy(() -> run(withBatch(labelled(model), 5, 1)))
        .hasMessageContainingAll("--batch is 5", "fixed to " + batch);
  }

  @Test
  void equal_outputs_go_to_the_lowest_class_and_five_classes_are_needed_for_top_5() {
    Path model = PixelClassifier.write(folder.resolve("m"), 0, 4, 0, false);
    Path same = SmallFiles.idx(folder.resolve("same"), new byte[8], 2, 1, 4);
    Path truth = SmallFiles.idx(folder.resolve("truth"), new byte[] {0, 1}, 2);
    EvalReport report =
        run(EvalRequest.of(model).withImages(same, Optional.of(truth), Preprocessing.plain()));
    assertThat(report.accuracy()).hasValue(0.5);
    assertThat(report.top5()).isEmpty();
  }

  @Test
  void a_label_beyond_the_classes_is_refused() {
    Path wrong =
        SmallFiles.idx(folder.resolve("wrong"), new byte[] {0, 0, 0, 6, 0, 0, 0, 0, 0, 0}, COUNT);
    EvalRequest request =
        EvalRequest.of(model("m", 0, 1, false))
            .withImages(images, Optional.of(wrong), Preprocessing.plain());
    assertThatThrownBy(() -> run(request))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("image 3", "class 6", "6 classes");
  }

  @Test
  void outputs_that_are_not_numbers_name_the_first_image() {
    EvalRequest request = labelled(model("m", 0, Float.NaN, false));
    assertThatThrownBy(() -> run(request)).hasMessageContainingAll("NaN", "image 0");
  }

  @Test
  void a_model_agrees_with_itself() {
    Path model = model("m", 0, 1, false);
    Agreement agreement = run(labelled(model).withAgainst(model)).agreement().orElseThrow();
    assertThat(agreement).isEqualTo(new Agreement(1, 0, 0));
  }

  @Test
  void agreement_of_logits_and_of_probabilities_is_the_same_divergence() {
    EvalReport logits = run(labelled(model("a", 4, 3, false)).withAgainst(model("b", 4, 5, false)));
    EvalReport probabilities =
        run(labelled(model("c", 4, 3, true)).withAgainst(model("d", 4, 5, true)));
    double divergence = divergence(5, 3);
    assertThat(logits.agreement().orElseThrow().top1()).isEqualTo(1);
    assertThat(logits.agreement().orElseThrow().klDivergence()).isCloseTo(divergence, within(1e-5));
    assertThat(probabilities.agreement().orElseThrow().klDivergence())
        .isCloseTo(divergence, within(1e-5));
    assertThat(logits.agreement().orElseThrow().maxAbsDifference())
        .isCloseTo(2 * 250 / 255.0, within(1e-5));
    assertThat(logits.againstLatencyMs()).isPresent();
  }

  /** KL of softmax(p · pixels) from softmax(q · pixels), which is the same for every image. */
  private static double divergence(double p, double q) {
    double sumP = 0;
    double sumQ = 0;
    double mean = 0;
    for (int c = 0; c < CLASSES; c++) {
      double pixel = (250 - 40 * c) / 255.0;
      sumP += Math.exp(p * pixel);
      sumQ += Math.exp(q * pixel);
      mean += Math.exp(p * pixel) * pixel;
    }
    return (p - q) * mean / sumP - Math.log(sumP) + Math.log(sumQ);
  }

  @Test
  void agreement_needs_no_labels_and_no_images() {
    Path model = model("m", 0, 1, false);
    Path negated = model("n", 0, -1, false);
    EvalReport unlabelled =
        run(
            EvalRequest.of(model)
                .withImages(images, Optional.empty(), Preprocessing.plain())
                .withAgainst(negated));
    assertThat(unlabelled.accuracy()).isEmpty();
    assertThat(unlabelled.count()).isEqualTo(COUNT);
    assertThat(unlabelled.agreement().orElseThrow().top1()).isZero();
    EvalReport generated = run(EvalRequest.of(model).withAgainst(negated));
    assertThat(generated.count()).isZero();
    assertThat(generated.agreement().orElseThrow().top1()).isZero();
    assertThat(generated.agreement().orElseThrow().klDivergence()).isPositive();
  }

  @Test
  void another_kind_of_model_to_compare_with_is_refused() {
    Path other = PixelClassifier.write(folder.resolve("o"), 0, 4, 1, false);
    assertThatThrownBy(() -> run(labelled(model("m", 0, 1, false)).withAgainst(other)))
        .isInstanceOf(PleatException.class);
  }

  @Test
  void without_images_there_are_latency_and_size() throws IOException {
    Path model = model("m", 0, 1, false);
    EvalReport report = run(withBatch(EvalRequest.of(model), 1, 8));
    assertThat(report.accuracy()).isEmpty();
    assertThat(report.agreement()).isEmpty();
    assertThat(report.latencyMs().batch()).isEqualTo(8);
    assertThat(report.latencyMs().median()).isPositive();
    assertThat(report.latencyMs().p90()).isGreaterThanOrEqualTo(report.latencyMs().median());
    assertThat(report.bytes()).isEqualTo(Files.size(model));
  }

  @Test
  void an_output_that_is_not_there_is_named() {
    EvalRequest r = labelled(model("m", 0, 1, false));
    EvalRequest named =
        new EvalRequest(
            r.model(),
            r.images(),
            r.labels(),
            r.preprocessing(),
            r.inputs(),
            r.against(),
            r.batch(),
            1,
            1,
            Map.of(),
            Optional.of("nothing"));
    assertThatThrownBy(() -> run(named)).hasMessageContainingAll("'nothing'", "out");
  }

  @Test
  void outputs_that_are_no_classifiers_are_all_compared() {
    Path model = twoHeads("m", 1);
    Path other = twoHeads("o", 3);
    EvalReport generated = run(EvalRequest.of(model).withAgainst(other));
    assertThat(generated.agreement().orElseThrow().top1()).isEqualTo(1);
    assertThat(generated.agreement().orElseThrow().klDivergence()).isZero();
    assertThat(generated.agreement().orElseThrow().maxAbsDifference()).isPositive();
    EvalReport onImages =
        run(
            EvalRequest.of(model)
                .withImages(images, Optional.empty(), Preprocessing.plain())
                .withAgainst(other));
    assertThat(onImages.agreement().orElseThrow().maxAbsDifference())
        .isCloseTo(2 * 250 / 255.0, within(1e-5));
  }

  /** Gives its images back, and {@code scale} times as bright. */
  private Path twoHeads(String name, float scale) {
    Graph graph = new Graph(17);
    String image = graph.input("image", -1, 1, 1, CLASSES);
    // Three axes: four with one pixel would be a classifier's.
    String rows = graph.node("Squeeze", List.of(image, graph.longs("axis", 1)));
    graph.node("Identity", List.of(rows), List.of("same"));
    graph.node(
        "Mul", List.of(rows, graph.floats("scale", new float[] {scale}, 1)), List.of("scaled"));
    return graph.output("same").output("scaled").write(folder.resolve(name));
  }

  @Test
  void a_model_that_runs_on_pairs_only_is_timed_on_a_pair() {
    Graph graph = new Graph(17);
    String pairs = graph.longs("pairs", -1, 2, 3);
    String split = graph.node("Reshape", List.of(graph.input("x", -1, 3), pairs));
    graph.node("Softmax", List.of(split), List.of("y"));
    EvalReport report = run(EvalRequest.of(graph.output("y").write(folder.resolve("m"))));
    assertThat(report.latencyMs().batch()).isEqualTo(2);
  }
}
