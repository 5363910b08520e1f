package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.data.TensorCalibration;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.request.EvalRequest;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.Map;
import java.util.Optional;

/** One pass over all entries of a tensor file, through a model and its original. */
final class TensorPass {
  private static final int USUAL_BATCH = 64;

  private final TensorCalibration inputs;
  private final int batch;
  private final boolean fixed;
  private final Optional<String> outputName;

  TensorPass(TensorFile file, OnnxSession session, EvalRequest request) {
    this.inputs = TensorCalibration.of(file, session.inputs(), Integer.MAX_VALUE);
    this.outputName = request.outputName();
    long[] shape = session.inputs().getFirst().shape();
    this.fixed = shape.length > 0 && shape[0] > 0;
    this.batch = fixed ? (int) shape[0] : request.batch().orElse(USUAL_BATCH);
    if (fixed && inputs.count() % batch != 0) {
      throw new PleatException(
          "%s: the model takes batches of %d; give a multiple of them instead of %d entries"
              .formatted(file.file(), batch, inputs.count()));
    }
  }

  int count() {
    return inputs.count();
  }

  void compare(
      OnnxSession session,
      OnnxSession original,
      AgreementTally agreement,
      EmbeddingTally embeddings,
      Progress progress) {
    progress.begin("compare", (inputs.count() - 1) / batch + 1);
    for (int from = 0; from < inputs.count(); from += batch) {
      Map<String, TensorValue> feed = inputs.batch(from, Math.min(from + batch, inputs.count()));
      Rows rows = Rows.of(session.run(feed), outputName).finite("the model", inputs.description());
      Rows expected =
          Rows.of(original.run(feed), Optional.of(rows.name()))
              .finite("--against", inputs.description());
      agreement.add(expected, rows);
      embeddings.add(expected, rows, feed);
      progress.step();
    }
  }

  /** The first entries, as many as are wanted, to time. */
  Samples timed(int wanted) {
    int size = fixed ? batch : wanted;
    if (size > inputs.count()) {
      throw new PleatException(
          "%s: too few to time a batch of %d; give a smaller --latency-batch"
              .formatted(inputs.description(), size));
    }
    return new Samples(inputs.batch(0, size), size);
  }
}
