package dev.pleat.onnx.eval;

import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.Map;
import java.util.Optional;

/** Runs and compares models on generated inputs, for want of images. */
final class GeneratedPass {
  private static final int SEEDS = 16;

  private final OnnxSession session;
  private final EvalRequest request;
  private final Map<String, TensorValue> first;

  GeneratedPass(OnnxSession session, EvalRequest request) {
    this.session = session;
    this.request = request;
    this.first = GeneratedInputs.firstThatRuns(session, request.inputShapes(), 0);
  }

  /** Compares with the original on inputs of 16 seeds. */
  void compare(OnnxSession original, AgreementTally agreement, Progress progress) {
    Map<String, long[]> shapes = GeneratedInputs.shapes(first);
    progress.begin("compare", SEEDS);
    for (int seed = 0; seed < SEEDS; seed++) {
      Map<String, TensorValue> inputs =
          seed == 0 ? first : GeneratedInputs.firstThatRuns(session, shapes, seed);
      Map<String, TensorValue> outputs = session.run(inputs);
      Map<String, TensorValue> expected = original.run(inputs);
      Rows folded = rows(outputs, request.outputName(), "the model");
      agreement.add(rows(expected, Optional.of(folded.name()), "--against"), folded);
      if (request.outputName().isEmpty() && !folded.classifies()) {
        agreement.addAll(expected, outputs);
      }
      progress.step();
    }
  }

  private static Rows rows(Map<String, TensorValue> outputs, Optional<String> output, String who) {
    return Rows.of(outputs, output).finite(who, "generated inputs");
  }

  /** Inputs to time, with the wanted batch where the model leaves it open. */
  Samples timed(int batch) {
    return Samples.generated(session, first, request.inputShapes(), batch);
  }
}
