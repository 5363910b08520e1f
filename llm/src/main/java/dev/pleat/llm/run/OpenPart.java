package dev.pleat.llm.run;

import dev.pleat.llm.graph.ModelGraph;
import dev.pleat.llm.graph.ModelSection;
import dev.pleat.onnx.run.OnnxSession;
import java.lang.foreign.Arena;

/** A part of a model in ONNX Runtime, with no more than its own weights in memory. */
final class OpenPart implements AutoCloseable {
  private final Arena scope = Arena.ofShared();
  private final OnnxSession session;

  OpenPart(Model model, ModelSection part, int threads) {
    try {
      ModelGraph graph = ModelGraph.of(model.blueprint(), model.weights(), part, scope);
      session = OnnxSession.open(model.name(), graph.model(), graph.weights(), threads);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  /** Runs the part. */
  OnnxSession session() {
    return session;
  }

  @Override
  public void close() {
    session.close();
    scope.close();
  }
}
