package dev.pleat.onnx.invert;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What one run of the network says of a batch.
 *
 * @param layers its normalisations
 * @param means of each channel of their inputs over the batch, by layer
 * @param variances the same
 * @param labels mean cross-entropy to the labels in nats; 0 without labels
 * @param right share of the images whose likeliest class is their label
 * @param gradient dLoss/dInput of the network's terms
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record Measured(
    List<NormalizedLayer> layers,
    List<float[]> means,
    List<float[]> variances,
    double labels,
    double right,
    float[] gradient) {

  /**
   * The mismatch of one layer: (m − μ)² / s² + (v − σ²)² / s⁴ with s² = σ² + ε, averaged over its
   * channels. Free of scale, so that every layer of every network counts alike.
   */
  double mismatch(int layer) {
    NormalizedLayer known = layers.get(layer);
    double sum = 0;
    for (int c = 0; c < known.channels(); c++) {
      double scale = known.precision(c);
      double mean = means.get(layer)[c] - known.mean()[c];
      double variance = (variances.get(layer)[c] - known.variance()[c]) * scale;
      sum += mean * mean * scale + variance * variance;
    }
    return sum / known.channels();
  }

  /** The mismatch of every layer. */
  double[] mismatches() {
    return IntStream.range(0, layers.size()).mapToDouble(this::mismatch).toArray();
  }

  /** The mean mismatch of all layers. */
  double mismatch() {
    return Arrays.stream(mismatches()).average().orElse(0);
  }

  /** The first layer whose statistics are no numbers. */
  Optional<NormalizedLayer> broken() {
    for (int l = 0; l < layers.size(); l++) {
      for (int c = 0; c < layers.get(l).channels(); c++) {
        if (!Float.isFinite(means.get(l)[c]) || !Float.isFinite(variances.get(l)[c])) {
          return Optional.of(layers.get(l));
        }
      }
    }
    return Optional.empty();
  }
}
