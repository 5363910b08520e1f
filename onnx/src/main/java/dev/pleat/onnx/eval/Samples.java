package dev.pleat.onnx.eval;

import dev.pleat.onnx.data.ImageInput;
import dev.pleat.onnx.data.ImageSet;
import dev.pleat.onnx.run.TensorValue;
import java.util.Map;

/**
 * The inputs that a model is timed on.
 *
 * @param inputs values by input name
 * @param batch samples in them
 */
record Samples(Map<String, TensorValue> inputs, int batch) {

  /** The first image, repeated; a batch that the model fixes comes before the wanted one. */
  static Samples ofImage(ImageSet images, ImageInput input, int wanted) {
    int batch = input.fixedBatch().orElse(wanted);
    return new Samples(Map.of(input.name(), input.batch(images, 0, 1, batch)), batch);
  }
}
