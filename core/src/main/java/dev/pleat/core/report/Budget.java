package dev.pleat.core.report;

import java.util.Optional;

/**
 * What a target allowed, and what became of it.
 *
 * @param measure what is limited: channels, parameters, flops, bytes, bytes of flash or ram with
 *     the precision, such as {@code flash int8}, or latency in milliseconds
 * @param original of the original
 * @param most how much was allowed
 * @param predicted by the widths that were chosen
 * @param achieved as counted or measured in the written model, empty where nothing was written
 */
public record Budget(
    String measure, double original, double most, double predicted, Optional<Double> achieved) {

  /** The same with what was achieved. */
  public Budget withAchieved(double value) {
    return new Budget(measure, original, most, predicted, Optional.of(value));
  }
}
