package dev.pleat.onnx.walk;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.data.CalibrationInputs;
import dev.pleat.onnx.run.TensorValue;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How inputs are cut into batches.
 *
 * @param size inputs in a batch
 * @param count inputs that are used
 */
public record Batching(int size, int count) {
  private static final Logger LOG = LoggerFactory.getLogger(Batching.class);

  /** Values that the inputs of one batch have. */
  private static final int VALUES = 1 << 20;

  private static final int LARGEST = 128;

  /**
   * Batches of the size that the network is fixed to, else of one that suits the size of an input.
   *
   * @throws PleatException when there are too few inputs for a batch
   */
  public static Batching of(Network network, CalibrationInputs inputs) {
    OptionalInt fixed = network.fixedBatch();
    if (fixed.isPresent()) {
      int size = fixed.getAsInt();
      if (inputs.count() < size) {
        throw new PleatException(
            "%s takes batches of %d, but there are %d inputs (%s); give at least %d"
                .formatted(network.name(), size, inputs.count(), inputs.description(), size));
      }
      int used = inputs.count() / size * size;
      if (used < inputs.count()) {
        LOG.warn(
            "{} takes batches of {}: the last {} of {} are left out",
            network.name(),
            size,
            inputs.count() - used,
            inputs.description());
      }
      return new Batching(size, used);
    }
    long values = 1;
    for (TensorValue value : inputs.batch(0, 1).values()) {
      values += TensorValue.elements(value.shape());
    }
    return new Batching(Math.clamp(VALUES / values, 1, LARGEST), inputs.count());
  }
}
