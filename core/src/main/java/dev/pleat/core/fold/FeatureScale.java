package dev.pleat.core.fold;

import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Normalization;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Factors that make features independent of how a network divides a channel's scale between a
 * layer, its batch normalisation and the layers that read it: a producer row counts as the
 * normalisation passes it on, |γ|/√(variance + ε) times itself, and a consumer column counts times
 * the channel's amplitude, the root of the sum of γ² over its normalisations.
 *
 * @param producers factors of each channel by tensor
 * @param consumers factors of each channel for every consumer, empty for none
 */
record FeatureScale(Map<String, double[]> producers, double[] consumers) {
  /** Features as they stand, which is what the paper clusters on. */
  static final FeatureScale NONE = new FeatureScale(Map.of(), new double[0]);

  /** The factors of a group. */
  static FeatureScale of(ChannelGroup group, TensorStore store) {
    if (group.normalizations().isEmpty()) {
      return NONE;
    }
    int width = group.width();
    Map<String, double[]> producers = new HashMap<>();
    double[] amplitude = new double[width];
    for (Normalization normalization : group.normalizations()) {
      double[] gamma = values(normalization.scale(), width, store);
      double[] variance = values(normalization.variance(), width, store);
      double[] factor = new double[width];
      for (int i = 0; i < width; i++) {
        double deviation = Math.sqrt(Math.max(0, variance[i]) + normalization.epsilon());
        factor[i] = deviation > 0 ? Math.abs(gamma[i]) / deviation : 0;
        amplitude[i] += gamma[i] * gamma[i];
      }
      normalization.producers().forEach(slot -> producers.put(slot.tensor(), factor));
      normalization.producerBiases().forEach(slot -> producers.put(slot.tensor(), factor));
    }
    return new FeatureScale(producers, Arrays.stream(amplitude).map(Math::sqrt).toArray());
  }

  private static double[] values(Slot slot, int width, TensorStore store) {
    float[] values = store.read(slot.tensor()).values();
    int[][] positions = slot.positions(width);
    double[] result = new double[width];
    Arrays.setAll(result, i -> values[positions[i][0]]);
    return result;
  }

  /** Factors of the channels in a slot, empty where they are 1. */
  double[] of(Slot slot) {
    return slot.role() == Role.CONSUMER
        ? consumers
        : producers.getOrDefault(slot.tensor(), new double[0]);
  }
}
