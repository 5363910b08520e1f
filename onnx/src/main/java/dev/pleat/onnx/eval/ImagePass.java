package dev.pleat.onnx.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Progress;
import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** One pass over all images, batch by batch, through the model and the original it is held to. */
final class ImagePass {
  private static final int USUAL_BATCH = 64;

  private final ImageSet images;
  private final ImageInput input;
  private final int batch;
  private final Optional<String> outputName;

  ImagePass(
      ImageSet images, ImageInput input, OptionalInt batchOption, Optional<String> outputName) {
    this.images = images;
    this.input = input;
    this.outputName = outputName;
    this.batch = input.fixedBatch().orElse(batchOption.orElse(USUAL_BATCH));
    if (batchOption.orElse(batch) != batch) {
      throw new PleatException(
          "--batch is %d, but the input '%s' is fixed to %d; leave out --batch"
              .formatted(batchOption.getAsInt(), input.name(), batch));
    }
  }

  void run(
      OnnxSession session,
      Optional<OnnxSession> original,
      AccuracyTally accuracy,
      AgreementTally agreement,
      Progress progress) {
    int count = images.count();
    progress.begin("evaluate", (int) (((long) count + batch - 1) / batch));
    for (long from = 0; from < count; from += batch) {
      int start = (int) from;
      int end = (int) Math.min(from + batch, count);
      // Only a fixed batch has to be filled; an open one ends with what is left.
      int size = input.fixedBatch().isPresent() ? batch : end - start;
      Map<String, TensorValue> feed = Map.of(input.name(), input.batch(images, start, end, size));
      Map<String, TensorValue> outputs = session.run(feed);
      Rows rows = rows(outputs, start, end, size, outputName, "the model");
      if (images.labelled()) {
        accuracy.add(rows, start);
      }
      if (original.isPresent()) {
        Optional<String> same = Optional.of(rows.name());
        Map<String, TensorValue> expected = original.get().run(feed);
        agreement.add(rows(expected, start, end, size, same, "--against"), rows);
        if (outputName.isEmpty() && !rows.classifies()) {
          // Padding repeats an image, so it adds no difference of its own.
          agreement.addAll(expected, outputs);
        }
      }
      progress.step();
    }
  }

  private Rows rows(
      Map<String, TensorValue> outputs,
      int from,
      int to,
      int size,
      Optional<String> output,
      String who) {
    Rows rows = Rows.of(outputs, output).first(to - from, size);
    int bad = rows.firstBroken();
    if (bad >= 0) {
      throw new PleatException(
          "%s: %s gives NaN or infinity in the output '%s' (image %d, counted from 0); check --mean, --std and the model's weights"
              .formatted(images.describe(from + bad), who, rows.name(), from + bad));
    }
    return rows;
  }
}
