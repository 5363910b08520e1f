package dev.pleat.onnx;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.InspectReport;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What most tests do with a model. */
final class Folds {
  private Folds() {}

  static FoldReport fold(Path input, Path output, double channels) {
    return fold(
        input, output, FoldOptions.of(new Target.Channels(channels)).with(Repair.APPROXIMATE));
  }

  static FoldReport fold(Path input, Path output, FoldOptions options) {
    return OnnxFolding.fold(FileFoldRequest.of(input, output, options), Progress.SILENT);
  }

  static InspectReport inspect(Path input) {
    return OnnxFolding.inspect(input, Optional.empty(), 1, Map.of());
  }

  static List<String> groups(Path input) {
    return inspect(input).groups().stream().map(g -> g.name() + " " + g.width()).toList();
  }

  /** All outputs on the same generated inputs. */
  static Map<String, TensorValue> run(Path file, Map<String, long[]> shapes) {
    try (OnnxSession session = OnnxSession.open(file, 1)) {
      return session.run(GeneratedInputs.firstThatRuns(session, shapes, 3));
    }
  }

  /** The first floating-point output. */
  static float[] floats(Path file) {
    return run(file, Map.of()).values().stream()
        .filter(TensorValue.Floats.class::isInstance)
        .map(value -> ((TensorValue.Floats) value).values())
        .findFirst()
        .orElseThrow();
  }
}
