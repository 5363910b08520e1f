package dev.pleat.llm.architecture;

import java.util.Optional;

/**
 * The normalisations of a layer: h = x + out(f(in(x))), then residual(h), for f the attention and
 * then the feed-forward block. What a family lacks is the identity.
 *
 * @param kind of every normalisation
 * @param offset added to every weight: 1 where 0 means no scaling
 * @param attentionInput in of the attention
 * @param attentionOutput out of the attention
 * @param attentionResidual residual behind the attention
 * @param feedForwardInput in of the feed-forward block
 * @param feedForwardOutput out of the feed-forward block
 * @param feedForwardResidual residual behind the feed-forward block
 */
public record NormDescriptions(
    Kind kind,
    double offset,
    Optional<String> attentionInput,
    Optional<String> attentionOutput,
    Optional<String> attentionResidual,
    Optional<String> feedForwardInput,
    Optional<String> feedForwardOutput,
    Optional<String> feedForwardResidual) {

  /** What a normalisation computes. */
  public enum Kind {
    /** x/√(mean x² + ε)·(offset + weight). */
    RMS,
    /** (x − mean)/√(variance + ε)·weight + bias. */
    LAYER
  }
}
