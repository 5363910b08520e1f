package dev.pleat.onnx.fold;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.run.GeneratedInputs;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.trace.Trace;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the operations of a model countable that leaves sizes open: by sizes that it runs on. */
final class Countable {
  private static final Logger LOG = LoggerFactory.getLogger(Countable.class);

  private Countable() {}

  /** The model traced with such sizes; as it is when there is nothing to find or nothing runs. */
  static TracedModel of(TracedModel traced, Map<String, long[]> inputShapes, int threads) {
    if (traced.trace().work().isPresent()) {
      return traced;
    }
    try (OnnxSession session = OnnxSession.open(traced.model().file(), threads)) {
      Map<String, long[]> shapes =
          GeneratedInputs.shapes(GeneratedInputs.firstThatRuns(session, inputShapes, 0));
      return new TracedModel(traced.model(), Trace.of(traced.model(), shapes));
    } catch (PleatException e) {
      LOG.debug("operations are not counted", e);
      return traced;
    }
  }
}
