package dev.pleat.onnx.repair;

/**
 * Var(folded)/Var(original), summed over channels: the figure that repair brings to 1.
 *
 * @param unrepaired sum of the ratios before repair
 * @param repaired sum of the ratios after it
 * @param channels how many
 */
public record VarianceRatios(double unrepaired, double repaired, int channels) {

  VarianceRatios and(VarianceRatios other) {
    return new VarianceRatios(
        unrepaired + other.unrepaired, repaired + other.repaired, channels + other.channels);
  }

  /** Mean over the channels before repair. */
  public double before() {
    return unrepaired / channels;
  }

  /** Mean over the channels after repair. */
  public double after() {
    return repaired / channels;
  }
}
