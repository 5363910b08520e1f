package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.output.StagedOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An output takes the place of an older one whole, for one process at a time. */
final class ReplacedModelTest {
  @TempDir private Path folder;

  private Path input() throws IOException {
    ModelProto.Builder model = RandomArchitecture.of(9, true).model().toBuilder();
    ExternalFiles.moveOut(model, folder.resolve("weights.bin"));
    return Files.write(folder.resolve("in.onnx"), model.build().toByteArray());
  }

  private void fold(double channels) throws IOException {
    FoldOptions options = FoldOptions.of(new Target.Channels(channels)).with(Repair.APPROXIMATE);
    OnnxFolding.fold(
        FileFoldRequest.of(input(), folder.resolve("out.onnx"), options).overwriting(),
        Progress.SILENT);
  }

  private Map<String, byte[]> outputs() throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> !f.endsWith("in.onnx")).toList()) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    all.remove("weights.bin");
    return all;
  }

  @Test
  void a_model_in_the_place_of_another_is_the_one_that_a_free_place_gets() throws IOException {
    fold(0.5);
    Map<String, byte[]> first = outputs();
    fold(0.25);
    assertThat(outputs().get("out.onnx.data")).isNotEqualTo(first.get("out.onnx.data"));
    fold(0.5);

    assertThat(outputs().keySet()).containsExactly("out.onnx", "out.onnx.data");
    first.forEach(
        (name, bytes) -> assertThat(folder.resolve(name)).as(name).hasBinaryContent(bytes));
  }

  @Test
  void what_killed_processes_left_beside_the_output_goes() throws IOException {
    fold(0.25);
    for (String name : List.of(".killed.onnx", ".out.onnx")) {
      Files.write(folder.resolve(name + ".pleat-lock"), new byte[1]);
      Files.createDirectory(folder.resolve(name + ".pleat-making"));
      Files.writeString(folder.resolve(name + ".pleat-making/planted.onnx"), "half a model");
    }
    Files.writeString(folder.resolve("out.onnx.data.pleat-0"), "data of a killed switch");

    fold(0.5);

    assertThat(outputs().keySet()).containsExactly("out.onnx", "out.onnx.data");
  }

  @Test
  void the_second_fold_to_an_output_is_refused_and_told_of_the_first() throws IOException {
    Path output = folder.resolve("out.onnx");
    try (StagedOutput first = StagedOutput.ofModel(List.of(), output, false)) {
      Files.writeString(first.model(), "made by the first");
      assertThatThrownBy(() -> StagedOutput.ofModel(List.of(), output, true))
          .isInstanceOf(PleatException.class)
          .hasMessageContainingAll(
              "out.onnx", "is being written by another", "" + ProcessHandle.current().pid());
      first.commit();
    }
    assertThat(output).hasContent("made by the first");
    assertThat(outputs().keySet()).containsExactly("out.onnx");
  }

  @Test
  void an_output_that_appears_meanwhile_is_not_replaced_unasked() throws IOException {
    Path output = folder.resolve("out.onnx");
    try (StagedOutput stage = StagedOutput.ofModel(List.of(), output, false)) {
      Files.writeString(stage.model(), "ours");
      Files.writeString(output, "theirs");
      assertThatThrownBy(stage::commit).hasMessageContaining("force(true)");
    }
    assertThat(output).hasContent("theirs");
  }

  @Test
  void that_an_output_exists_is_said_before_the_model_is_read() throws IOException {
    Files.writeString(folder.resolve("out.onnx"), "precious");
    Path noModel = Files.writeString(folder.resolve("broken.onnx"), "no model");
    assertThatThrownBy(() -> Folds.fold(noModel, folder.resolve("out.onnx"), 0.5))
        .hasMessageContaining("force(true)");
  }
}
