package dev.pleat.onnx.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.EvalReport;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.run.TensorType;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InputsEvaluationTest {
  private static final int COUNT = 70;

  /** Nobody looks at these latencies. */
  private static final LatencyTimer.Effort FEW_RUNS = new LatencyTimer.Effort(3, 0);

  @TempDir private Path folder;

  private static EmbeddingAgreement embeddings(Path model, Path original, Path inputs) {
    EvalRequest request = EvalRequest.of(model).withInputs(inputs).withAgainst(original);
    EvalReport report = Evaluation.run(request, FEW_RUNS, Progress.SILENT);
    assertThat(report.accuracy()).isEmpty();
    return report.embeddings().orElseThrow();
  }

  /** Multiplies each of two features by a factor. */
  private Path scaled(String name, float first, float second) {
    Graph graph = new Graph(17);
    String x = graph.input("x", -1, 2);
    graph.node(
        "Mul", List.of(x, graph.floats("factors", new float[] {first, second}, 2)), List.of("y"));
    return graph.output("y").write(folder.resolve(name));
  }

  private Path features(int count) {
    Random random = new Random(count);
    float[] values = new float[count * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = 1 + random.nextFloat();
    }
    Path file = folder.resolve(count + ".npy");
    TensorFile.write(file, new TensorValue.Floats(new long[] {count, 2}, values));
    return file;
  }

  @Test
  void a_model_agrees_with_itself_whatever_its_scale() {
    EmbeddingAgreement found =
        embeddings(scaled("m", 3, 3), scaled("original", 1, 1), features(COUNT));

    assertThat(found.cosine()).isCloseTo(1, within(1e-9));
    assertThat(found.rankCorrelation().orElseThrow()).isCloseTo(1, within(1e-3));
  }

  @Test
  void embeddings_that_point_elsewhere_have_a_smaller_cosine() {
    EmbeddingAgreement found =
        embeddings(scaled("m", 1, -1), scaled("original", 1, 1), features(COUNT));

    assertThat(found.cosine()).isBetween(-0.5, 0.5);
    // A reflection keeps every angle between two samples.
    assertThat(found.rankCorrelation().orElseThrow()).isCloseTo(1, within(1e-9));
  }

  @Test
  void two_samples_have_no_order_of_similarities() {
    assertThat(embeddings(scaled("m", 1, 2), scaled("o", 1, 1), features(2)).rankCorrelation())
        .isEmpty();
  }

  /** Token features pass through; only the last of three positions differs between two models. */
  private Path tokens(String name, float last) {
    Graph graph = new Graph(17);
    String x = graph.input("x", -1, 3, 2);
    graph
        .proto()
        .addInput(
            new TensorType(
                    "attention_mask",
                    TensorType.Kind.INTEGER,
                    TensorProto.DataType.INT64_VALUE,
                    new long[] {-1, 3},
                    List.of("", ""))
                .declaration());
    graph.node(
        "Mul",
        List.of(x, graph.floats("factors", new float[] {1, 1, 1, 1, last, 1}, 1, 3, 2)),
        List.of("y"));
    return graph.output("y").write(folder.resolve(name));
  }

  private Path masked(String name, long lastMask) throws IOException {
    Path x = folder.resolve("x.npy");
    TensorFile.write(
        x,
        new TensorValue.Floats(
            new long[] {2, 3, 2}, new float[] {1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1}));
    Path mask = folder.resolve("attention_mask.npy");
    TensorFile.write(
        mask,
        new TensorValue.Integers(new long[] {2, 3}, new long[] {1, 1, lastMask, 1, 1, lastMask}));
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Path array : List.of(x, mask)) {
        zip.putNextEntry(new ZipEntry(array.getFileName().toString()));
        Files.copy(array, zip);
      }
    }
    return file;
  }

  @Test
  void positions_that_the_mask_hides_do_not_count() throws IOException {
    Path model = tokens("m", -9);
    Path original = tokens("o", 1);

    assertThat(embeddings(model, original, masked("hidden.npz", 0)).cosine())
        .isCloseTo(1, within(1e-9));
    assertThat(embeddings(model, original, masked("seen.npz", 1)).cosine()).isLessThan(0.9);
  }

  @Test
  void latency_is_measured_on_the_inputs() {
    EvalRequest request = EvalRequest.of(scaled("m", 1, 1)).withInputs(features(40));
    EvalReport report = Evaluation.run(request, FEW_RUNS, Progress.SILENT);

    assertThat(report.latencyMs().batch()).isEqualTo(1);
    assertThat(report.throughputMs().orElseThrow().batch()).isEqualTo(32);
    assertThat(report.embeddings()).isEmpty();
  }

  @Test
  void inputs_of_another_shape_are_refused_by_name() {
    Graph graph = new Graph(17);
    graph.node("Relu", List.of(graph.input("x", -1, 3)), List.of("y"));
    Path model = graph.output("y").write(folder.resolve("three"));
    EvalRequest request = EvalRequest.of(model).withInputs(features(4));

    assertThatThrownBy(() -> Evaluation.run(request, FEW_RUNS, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("4.npy", "[4, 2]", "'x'", "[-1, 3]");
  }

  @Test
  void of_many_arrays_only_some_are_named() throws IOException {
    Path file = folder.resolve("many.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      byte[] array = Files.readAllBytes(features(4));
      for (int i = 0; i < 5000; i++) {
        zip.putNextEntry(new ZipEntry("array-%d.npy".formatted(i)));
        zip.write(array);
      }
    }
    EvalRequest request = EvalRequest.of(scaled("m", 1, 1)).withInputs(file);

    assertThatThrownBy(() -> Evaluation.run(request, FEW_RUNS, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("array-0", "and 4992 more", "'x'")
        .message()
        .hasSizeLessThan(500);
  }

  @Test
  void a_fixed_batch_takes_a_multiple_of_it() {
    Graph graph = new Graph(17);
    graph.node("Relu", List.of(graph.input("x", 4, 2)), List.of("y"));
    Path model = graph.output("y").write(folder.resolve("four"));

    assertThat(embeddings(model, model, features(8)).cosine()).isCloseTo(1, within(1e-9));
    assertThatThrownBy(() -> embeddings(model, model, features(7)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("7.npy", "batches of 4", "7 entries");
  }

  @Test
  void images_and_other_inputs_do_not_go_together() {
    EvalRequest request = EvalRequest.of(Path.of("m")).withInputs(Path.of("a.npy"));
    assertThatThrownBy(
            () -> request.withImages(Path.of("photos"), Optional.empty(), Preprocessing.plain()))
        .hasMessageContainingAll("inputs(a.npy)", "images(photos)");
  }
}
