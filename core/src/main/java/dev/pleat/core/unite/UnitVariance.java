package dev.pleat.core.unite;

import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.ScaledChannels;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.util.stream.Stream;

/**
 * Moves the scale of a batch normalisation's statistics into the rows that it normalises: ŵ =
 * w/√(var + ε), the mean likewise, the variance 1 − ε. That changes no output but by rounding, and
 * afterwards channels of different networks can be compared and averaged.
 */
public final class UnitVariance {
  private UnitVariance() {}

  /**
   * Rescales in place; a normalisation whose input others make too stays as it is.
   *
   * @param width channels of its group
   */
  public static void apply(Normalization normalization, int width, TensorStore store) {
    if (normalization.producers().isEmpty()) {
      return;
    }
    Slot variance = normalization.variance();
    float[] values = store.read(variance.tensor()).values();
    int[][] positions = variance.positions(width);
    double[] factors = new double[width];
    for (int i = 0; i < width; i++) {
      double square = Math.max(0, values[positions[i][0]]) + normalization.epsilon();
      factors[i] = square > 0 ? 1 / Math.sqrt(square) : 1;
    }
    Stream.of(normalization.producers().stream(), normalization.producerBiases().stream())
        .flatMap(slots -> slots)
        .forEach(slot -> scale(slot, factors, store));
    scale(normalization.mean(), factors, store);
    float[] unit = values.clone();
    for (int[] own : positions) {
      unit[own[0]] = (float) (1 - normalization.epsilon());
    }
    store.write(variance.tensor(), new Tensor(store.shape(variance.tensor()), unit));
  }

  private static void scale(Slot slot, double[] factors, TensorStore store) {
    store.write(slot.tensor(), ScaledChannels.of(store.read(slot.tensor()), slot, factors));
  }
}
