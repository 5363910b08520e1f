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
import dev.pleat.onnx.invert.InversionFiles;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.request.InversionOptions;
import dev.pleat.onnx.request.InvertRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No output, not even a forced one, is written over a file that the input consists of. */
final class InputsAreSafeTest {
  @TempDir private Path folder;

  /** A model whose weights are in a file that the output {@code out.onnx} would also write. */
  private Path modelWithData(String data) throws IOException {
    ModelProto.Builder model = RandomArchitecture.of(9, true).model().toBuilder();
    ExternalFiles.moveOut(model, folder.resolve(data));
    return Files.write(folder.resolve("orig.onnx"), model.build().toByteArray());
  }

  private Map<String, byte[]> files() throws IOException {
    Map<String, byte[]> all = new TreeMap<>();
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        all.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return all;
  }

  private void refuses(Path input, Path output) throws IOException {
    Map<String, byte[]> before = files();
    FoldOptions half = FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE);
    assertThatThrownBy(() ->
            OnnxFolding.fold(
                FileFoldRequest.of(input, output, half).overwriting(), Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("is the input's file", "never written over");
    unchanged(before);
  }

  private void unchanged(Map<String, byte[]> before) throws IOException {
    Map<String, byte[]> after = files();
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
  }

  @Test
  void data_of_the_output_does_not_take_the_place_of_the_inputs_data() throws IOException {
    refuses(modelWithData("out.onnx.data"), folder.resolve("out.onnx"));
  }

  @Test
  void the_output_does_not_take_the_place_of_the_inputs_data() throws IOException {
    refuses(modelWithData("weights.bin"), folder.resolve("weights.bin"));
  }

  @Test
  void links_lead_to_the_same_files() throws IOException {
    Path input = modelWithData("weights.bin");
    Files.createSymbolicLink(folder.resolve("soft.onnx"), Path.of("weights.bin"));
    Files.createLink(folder.resolve("hard.onnx"), folder.resolve("weights.bin"));
    refuses(input, folder.resolve("soft.onnx"));
    refuses(input, folder.resolve("hard.onnx"));
    refuses(input, folder.resolve("../" + folder.getFileName() + "/weights.bin"));
  }

  @Test
  void images_and_their_sheet_do_not_take_the_place_of_the_inputs_data() throws IOException {
    Path input = modelWithData("weights.bin");
    Map<String, byte[]> before = files();
    Path images = folder.resolve("made.npy");
    for (InvertRequest request :
        new InvertRequest[] {
          invert(input, folder.resolve("weights.bin"), Optional.empty()),
          invert(input, images, Optional.of(folder.resolve("weights.bin"))),
        }) {
      assertThatThrownBy(() -> InversionFiles.make(request, Progress.SILENT))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("is the input's file");
    }
    assertThatThrownBy(() ->
            InversionFiles.make(
                invert(input, images, Optional.of(folder.resolve("./made.npy"))), Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("cannot both be");
    unchanged(before);
  }

  private static InvertRequest invert(Path model, Path output, Optional<Path> sheet) {
    return new InvertRequest(model, output, sheet, Optional.empty(), true, InversionOptions.of(0));
  }
}
