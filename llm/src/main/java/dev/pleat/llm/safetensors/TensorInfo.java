package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import dev.pleat.core.tensor.FloatEncoding;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One tensor of a checkpoint and where it lies.
 *
 * @param name its name
 * @param type its element type
 * @param shape its dimensions, empty for a scalar; the product fits a long
 * @param file the shard that holds it
 * @param offset of its first byte in the file
 * @param length in bytes
 */
public record TensorInfo(
    String name, DataType type, long[] shape, Path file, long offset, long length) {

  /** The number of elements. */
  public long elements() {
    long product = 1;
    for (long dimension : shape) {
      product *= dimension;
    }
    return product;
  }

  /**
   * How the values are stored.
   *
   * @throws PleatException when they are not plain floating-point numbers
   */
  public FloatEncoding encoding() {
    return type.encoding()
        .orElseThrow(() ->
            new PleatException(
                "%s: tensor '%s' is stored as %s, expected F32, F16, BF16 or F64; give the checkpoint it was quantised from"
                    .formatted(file, name, type)));
  }

  /**
   * Refuses another shape.
   *
   * @throws PleatException when the shape is not this one
   */
  public void requireShape(long... expected) {
    if (!Arrays.equals(shape, expected)) {
      throw new PleatException(
          "%s: tensor '%s' has the shape %s, expected %s by config.json; one of the two is not this model's"
              .formatted(file, name, Arrays.toString(shape), Arrays.toString(expected)));
    }
  }
}
