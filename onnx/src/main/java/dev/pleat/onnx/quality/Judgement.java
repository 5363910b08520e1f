package dev.pleat.onnx.quality;

import dev.pleat.core.report.Agreement;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a judge saw of one folded model.
 *
 * @param source the inputs
 * @param inputs how many
 * @param top1 share of inputs that both models put in the same class, in [0, 1]; empty where the
 *     model is no classifier
 * @param errors the share of its variation that is wrong, at least 0 and perhaps infinite, for each
 *     output where that can be measured
 * @param constant outputs that are the same for all inputs
 * @param agreement row by row of the output that is judged, where sizes agree
 */
public record Judgement(
    String source,
    int inputs,
    Optional<Double> top1,
    Map<String, Double> errors,
    List<String> constant,
    Optional<Agreement> agreement) {

  /** Nothing is worse than this. */
  private static final double WORST = -1;

  /** Whether anything could be measured. */
  public boolean isMeasured() {
    return !errors.isEmpty();
  }

  /** The fidelity of an output, in [−1, 1]; what is below −1 counts as −1. */
  public double fidelity(String output) {
    return Math.max(WORST, 1 - errors.getOrDefault(output, Double.POSITIVE_INFINITY));
  }

  /** The mean error of the outputs, by which folds are compared. */
  public double damage() {
    return errors.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** Top-1 agreement of a classifier, else the lowest fidelity of an output. */
  public double value() {
    return top1.orElseGet(
        () -> errors.keySet().stream().mapToDouble(this::fidelity).min().orElse(Double.NaN));
  }

  /**
   * The value that is safe to go by. Inputs that a network made are put in a class with more
   * confidence than real ones, so that they stay there when the scores behind are off already: the
   * fidelity of the scores counts as well.
   *
   * @param made whether the inputs were made without data
   */
  public double safe(boolean made) {
    double fidelity = errors.keySet().stream().mapToDouble(this::fidelity).min().orElse(Double.NaN);
    return made ? Math.min(value(), fidelity) : value();
  }
}
