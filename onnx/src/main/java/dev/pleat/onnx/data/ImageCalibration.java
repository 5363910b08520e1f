package dev.pleat.onnx.data;

import dev.pleat.onnx.run.TensorValue;
import java.util.Map;

/**
 * Unlabelled images for a model with one image input, spread evenly over a set that has more.
 *
 * @param images the set
 * @param input how they become inputs
 * @param count how many are used, in [1, images.count()]
 */
public record ImageCalibration(ImageSet images, ImageInput input, int count)
    implements CalibrationInputs {

  @Override
  public String description() {
    return "%d images of %s".formatted(count, images.source());
  }

  @Override
  public Map<String, TensorValue> batch(int from, int to) {
    int[] indices = new int[to - from];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = (int) ((long) (from + i) * images.count() / count);
    }
    return Map.of(input.name(), input.batch(images, indices));
  }
}
