package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.request.InputSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputSafetyTest {
  @TempDir private Path folder;

  private Path network(long seed) {
    return RandomArchitecture.of(seed, true).write(folder.resolve("net" + seed + ".onnx"));
  }

  @Test
  void the_input_is_never_written_over() throws IOException {
    Path input = network(1);
    byte[] before = Files.readAllBytes(input);
    assertThatThrownBy(() -> Folds.fold(input, input, 0.5))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("is the input");
    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), input);
    assertThatThrownBy(() -> Folds.fold(input, link, 0.5)).hasMessageContaining("is the input");
    assertThat(Files.readAllBytes(input)).isEqualTo(before);
  }

  @Test
  void an_existing_output_is_kept_unless_forced() throws IOException {
    Path output = Files.writeString(folder.resolve("out.onnx"), "precious");
    assertThatThrownBy(() -> Folds.fold(network(1), output, 0.5))
        .hasMessageContaining("force(true)");
    assertThat(Files.readString(output)).isEqualTo("precious");
    FileFoldRequest request =
        FileFoldRequest.of(
            network(1), output, FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE));
    OnnxFolding.fold(
        new FileFoldRequest(
            request.input(),
            output,
            request.options(),
            true,
            false,
            true,
            1,
            Map.of(),
            new InputSource.Made(),
            OptionalInt.empty()),
        Progress.SILENT);
    assertThat(Files.size(output)).isGreaterThan(100);
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no named pipes in folders")
  void an_output_that_is_no_ordinary_file_is_left_alone() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    FoldOptions half = FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE);
    FileFoldRequest forced =
        new FileFoldRequest(
            network(1),
            pipe,
            half,
            true,
            false,
            true,
            1,
            Map.of(),
            new InputSource.Made(),
            OptionalInt.empty());
    assertThatThrownBy(() -> OnnxFolding.fold(forced, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("no ordinary file");
    assertThat(Files.isRegularFile(pipe)).isFalse();
  }

  @Test
  void a_missing_output_folder_is_named() {
    assertThatThrownBy(() -> Folds.fold(network(1), folder.resolve("no/such/out.onnx"), 0.5))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void nothing_is_left_beside_the_output() throws IOException {
    Path input = network(2);
    Folds.fold(input, folder.resolve("out.onnx"), 0.5);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("net2.onnx", "out.onnx");
    }
  }

  @Test
  void a_dry_run_writes_nothing() throws IOException {
    Path input = network(1);
    FileFoldRequest dry =
        new FileFoldRequest(
            input,
            folder.resolve("out.onnx"),
            FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE),
            true,
            true,
            false,
            1,
            Map.of(),
            new InputSource.Made(),
            OptionalInt.empty());
    FoldReport report = OnnxFolding.fold(dry, Progress.SILENT);
    assertThat(report.parameters().after()).isLessThan(report.parameters().before());
    assertThat(folder.resolve("out.onnx")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4, 5, 6})
  void the_same_command_gives_the_same_bytes_at_any_thread_count(long seed) throws IOException {
    Path input = network(seed);
    byte[] first = {};
    for (int threads : new int[] {1, 2, 3, 2}) {
      Path output = folder.resolve("out" + threads + ".onnx");
      OnnxFolding.fold(
          new FileFoldRequest(
              input,
              output,
              FoldOptions.of(new Target.Channels(0.7)).with(Repair.APPROXIMATE),
              true,
              false,
              true,
              threads,
              Map.of(),
              new InputSource.Made(),
              OptionalInt.empty()),
          Progress.SILENT);
      byte[] bytes = Files.readAllBytes(output);
      assertThat(first.length == 0 ? bytes : first).isEqualTo(bytes);
      first = bytes;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void folding_nothing_keeps_every_output_bit(long seed) {
    Path input = network(seed);
    Path output = folder.resolve("same.onnx");
    FoldReport report = Folds.fold(input, output, 0);
    assertThat(report.verification().maxAbsDifferenceAtRatioZero()).isZero();
    assertThat(Folds.floats(output)).containsExactly(Folds.floats(input));
  }

  @Test
  void provenance_travels_with_the_output() throws IOException {
    Path output = folder.resolve("out.onnx");
    Folds.fold(network(1), output, 0.5);
    ModelProto folded = ModelProto.parseFrom(Files.readAllBytes(output));
    assertThat(folded.getMetadataPropsList())
        .extracting(entry -> entry.getKey())
        .contains("pleat.version", "pleat.input.sha256", "pleat.target", "pleat.seed");
  }

  @Test
  void the_hash_of_the_input_covers_its_data() throws IOException {
    Path input = network(9);
    String inside = OnnxFolding.hash(input);
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(input)).toBuilder();
    Path data = folder.resolve("weights.bin");
    ExternalFiles.moveOut(model, data);
    Path moved = Files.write(folder.resolve("moved.onnx"), model.build().toByteArray());
    String before = OnnxFolding.hash(moved);
    byte[] weights = Files.readAllBytes(data);
    weights[5]++;
    Files.write(data, weights);

    assertThat(OnnxFolding.hash(moved)).isNotEqualTo(before).isNotEqualTo(inside).hasSize(64);
    assertThat(OnnxFolding.hash(input)).isEqualTo(inside);
  }

  @Test
  void targets_are_met_and_never_passed() {
    Path input = network(7);
    for (double ratio : new double[] {0.1, 0.35, 0.6}) {
      Path output = folder.resolve("params" + ratio + ".onnx");
      FoldReport report =
          Folds.fold(
              input, output, FoldOptions.of(new Target.Parameters(ratio)).with(Repair.APPROXIMATE));
      assertThat(report.parameters().removed()).isGreaterThanOrEqualTo(ratio);
    }
    long bytes = input.toFile().length() * 2 / 3;
    Path output = folder.resolve("size.onnx");
    Folds.fold(input, output, FoldOptions.of(new Target.Size(bytes)).with(Repair.APPROXIMATE));
    assertThat(output.toFile().length()).isLessThanOrEqualTo(bytes);
  }

  @Test
  void a_target_that_no_width_reaches_names_the_nearest() {
    assertThatThrownBy(() ->
            Folds.fold(
                network(1),
                folder.resolve("out.onnx"),
                FoldOptions.of(new Target.Parameters(0.9999)).with(Repair.APPROXIMATE)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("nearest");
    assertThatThrownBy(() ->
            Folds.fold(
                network(1),
                folder.resolve("out.onnx"),
                FoldOptions.of(new Target.Size(10)).with(Repair.APPROXIMATE)))
        .hasMessageContaining("nearest");
  }

  @Test
  void a_model_without_foldable_groups_says_what_was_frozen_and_why() {
    Graph graph = new Graph(13);
    graph.input("x", 1, 8);
    graph.floats("only.weight", new float[64], 8, 8);
    String y = graph.node("MatMul", List.of("x", "only.weight"));
    graph.node("Softmax", List.of(y), List.of("y"));
    Path input = graph.output("y").write(folder.resolve("none.onnx"));
    assertThatThrownBy(() -> Folds.fold(input, folder.resolve("out.onnx"), 0.5))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("nothing can fold")
        .hasMessageContaining("'only'")
        .hasMessageContaining("Softmax");
  }

  @Test
  void large_weights_kept_beside_the_model_stay_beside_it() throws IOException {
    Path input = network(9);
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(input)).toBuilder();
    ExternalFiles.moveOut(model, folder.resolve("weights.bin"));
    Path moved = Files.write(folder.resolve("moved.onnx"), model.build().toByteArray());
    Folds.fold(input, folder.resolve("inside.onnx"), 0.5);
    FoldReport report = Folds.fold(moved, folder.resolve("outside.onnx"), 0.5);
    assertThat(folder.resolve("outside.onnx.data")).exists();
    assertThat(report.bytes().after())
        .isEqualTo(
            Files.size(folder.resolve("outside.onnx"))
                + Files.size(folder.resolve("outside.onnx.data"))
                - ExternalFiles.gaps(folder.resolve("outside.onnx")));
    assertThat(Folds.floats(folder.resolve("outside.onnx")))
        .containsExactly(Folds.floats(folder.resolve("inside.onnx")));
  }
}
