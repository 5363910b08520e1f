package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.Quality;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repairs on inputs that are nothing like those which a network's statistics are of. */
class ShiftedInputsTest {
  private static final int COUNT = 128;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"vgg-bn", "mobile-bn"})
  void statistics_become_what_the_original_has_on_the_same_inputs(String name) throws Exception {
    Path network =
        Path.of(
            Objects.requireNonNull(
                    ShiftedInputsTest.class.getResource("/networks/" + name + ".onnx"), name)
                .toURI());
    Random random = new Random(7);
    float[] values = new float[COUNT * 28 * 28];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (3 + 2 * random.nextGaussian());
    }
    TensorValue.Floats noise = new TensorValue.Floats(new long[] {COUNT, 1, 28, 28}, values);
    FileFoldRequest request =
        new FileFoldRequest(
            network,
            folder.resolve("out.onnx"),
            FoldOptions.of(new Target.Channels(0.1)),
            true,
            false,
            true,
            2,
            Map.of(),
            new InputSource.Given(new HeldInputs("noise", "image", noise)),
            OptionalInt.empty());

    FoldReport report = OnnxFolding.fold(request, Progress.SILENT);

    assertThat(report.quality().orElseThrow().outputs())
        .extracting(Quality.Output::fidelity)
        .allSatisfy(fidelity -> assertThat(fidelity).isGreaterThan(0.8));
  }
}
