package dev.pleat.llm.blueprint;

import java.util.Optional;

/**
 * A normalisation of the last axis.
 *
 * @param kind with or without subtracting the mean
 * @param weight scale, [width]
 * @param bias shift, [width]
 * @param epsilon added to the mean square or variance
 * @param weightOffset added to the scale before use, 1 in Gemma
 */
public record Norm(
    Kind kind, String weight, Optional<String> bias, double epsilon, double weightOffset) {

  /** What is divided by. */
  public enum Kind {
    /** x / √(mean x² + ε). */
    RMS,
    /** (x − mean) / √(variance + ε). */
    LAYER
  }
}
