package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DuplicatedChannelsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      longs = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
        26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40
      })
  void folding_a_network_of_duplicated_channels_back_to_its_width_changes_nothing(long seed) {
    Path narrow = RandomArchitecture.of(seed, false).write(folder.resolve("narrow.onnx"));
    Path wide = RandomArchitecture.of(seed, true).write(folder.resolve("wide.onnx"));
    Path folded = folder.resolve("folded.onnx");

    FoldReport report =
        OnnxFolding.fold(
            FileFoldRequest.of(
                wide, folded, FoldOptions.of(new Target.Channels(0.5)).with(Repair.APPROXIMATE)),
            Progress.SILENT);

    assertThat(report.groups()).filteredOn(g -> g.frozen()).hasSize(1); // the scores
    assertThat(folded.toFile().length()).isLessThan(wide.toFile().length());
    float[] expected = run(narrow);
    float[] unfolded = run(wide);
    float[] found = run(folded);
    assertThat(largestDifference(expected, unfolded)).as("the twin is right").isLessThan(1e-4);
    assertThat(largestDifference(expected, found)).isLessThan(1e-4);
  }

  private static float[] run(Path file) {
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      Map<String, TensorValue> inputs =
          GeneratedInputs.firstThatRuns(session, Map.of("image", new long[] {2, 3, 6, 6}), 3);
      return ((TensorValue.Floats) session.run(inputs).values().iterator().next()).values();
    }
  }

  private static double largestDifference(float[] a, float[] b) {
    double scale = 0;
    double difference = 0;
    assertThat(b).hasSameSizeAs(a);
    for (int i = 0; i < a.length; i++) {
      scale = Math.max(scale, Math.abs(a[i]));
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
    }
    return difference / scale;
  }
}
