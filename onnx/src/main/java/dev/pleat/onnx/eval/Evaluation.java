package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.report.EvalReport;
import dev.pleat.core.report.Latency;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Measures one model, alone or against the one it was folded from. */
public final class Evaluation {
  private Evaluation() {}

  /**
   * Runs an evaluation.
   *
   * @throws PleatException when a file cannot be read, the images or labels do not fit the model,
   *     or the model does not run
   */
  public static EvalReport run(EvalRequest request, Progress progress) {
    long bytes = ModelReader.read(request.model()).bytes();
    try (OnnxSession session = OnnxSession.open(request.model(), request.threads())) {
      progress.begin("time", 1);
      var inputs = GeneratedInputs.firstThatRuns(session, Map.copyOf(request.inputShapes()), 0);
      Latency latency = Stopwatch.time(List.of(session), inputs, 1).getFirst();
      progress.step();
      return new EvalReport(
          request.model().toString(),
          Optional.empty(),
          Optional.empty(),
          0,
          Optional.empty(),
          latency,
          Optional.empty(),
          bytes);
    }
  }
}
