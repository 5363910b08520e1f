package dev.pleat.bench;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The repairs that run a network against the forward passes that they need: one of the original and
 * one of the folded network over the same inputs, in turns within one process.
 */
public final class RepairRatio {
  private static final int INPUTS = 512;
  private static final int BATCH = 128;
  private static final int ROUNDS = 5;

  private RepairRatio() {}

  /** Prints the ratios for the bundled network, whose file is the argument. */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    Path folded = Files.createTempFile("pleat-repair-", ".onnx");
    float[] values = PlantedFeatures.values(INPUTS, 28 * 28, 0);
    HeldInputs inputs =
        new HeldInputs(
            "noise", "image", new TensorValue.Floats(new long[] {INPUTS, 1, 28, 28}, values));
    double data = Double.MAX_VALUE;
    double fit = Double.MAX_VALUE;
    double passes = Double.MAX_VALUE;
    try {
      for (int round = 0; round < ROUNDS; round++) {
        data = Math.min(data, repair(model, folded, Repair.DATA, inputs));
        fit = Math.min(fit, repair(model, folded, Repair.LEAST_SQUARES, inputs));
        passes = Math.min(passes, pass(model, inputs) + pass(folded, inputs));
      }
    } finally {
      Files.delete(folded);
    }
    System.out.printf(
        "repair on %d inputs: forward passes %.3f s, statistics %.3f s (%.2f of them), least squares %.3f s (%.2f)%n",
        INPUTS, passes, data, data / passes, fit, fit / passes);
  }

  private static double repair(Path model, Path folded, Repair repair, HeldInputs inputs) {
    FoldOptions options = FoldOptions.of(new Target.Channels(0.5)).with(repair);
    FileFoldRequest request =
        FileFoldRequest.of(model, folded, options)
            .with(new InputSource.Given(inputs))
            .overwriting();
    return OnnxFolding.fold(request, Progress.SILENT).seconds().repair();
  }

  private static double pass(Path model, HeldInputs inputs) {
    int threads = Runtime.getRuntime().availableProcessors();
    try (OnnxSession session = OnnxSession.open(model, threads)) {
      session.run(inputs.batch(0, BATCH));
      long start = System.nanoTime();
      for (int from = 0; from < INPUTS; from += BATCH) {
        Map<String, TensorValue> batch = inputs.batch(from, from + BATCH);
        session.run(batch);
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
