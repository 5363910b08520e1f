package dev.pleat.llm.blueprint;

import java.util.Optional;

/**
 * One layer: attention and feed-forward with their normalisations.
 *
 * @param beforeAttention what attention reads is normalised by this
 * @param afterAttention attention's result, or with {@link Residual#NORMALISED} the sum after it
 * @param beforeFeedForward what the feed-forward part reads
 * @param afterFeedForward its result, or with {@link Residual#NORMALISED} the sum after it
 * @param residual how the results join the residual stream
 */
public record Layer(
    Optional<Norm> beforeAttention,
    Attention attention,
    Optional<Norm> afterAttention,
    Optional<Norm> beforeFeedForward,
    FeedForward feedForward,
    Optional<Norm> afterFeedForward,
    Residual residual) {

  /** How the results join the residual stream. */
  public enum Residual {
    /** x + attention, then that + feed-forward. */
    SEQUENTIAL,
    /** x + attention + feed-forward, both of x. */
    PARALLEL,
    /** As sequential, with each sum normalised: the first transformers. */
    NORMALISED
  }
}
