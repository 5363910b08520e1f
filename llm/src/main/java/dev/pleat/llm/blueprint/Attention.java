package dev.pleat.llm.blueprint;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Softmax attention; query head i reads key/value group i / (heads / groups).
 *
 * @param projection the hidden state to queries, keys and values
 * @param output heads · headDim to the hidden width
 * @param heads query heads
 * @param groups key/value heads, a divisor of the query heads
 * @param headDim width of a head
 * @param scale factor of the scores
 * @param softcap scores become cap · tanh(score / cap)
 * @param queryNorm over each query head
 * @param keyNorm over each key head
 * @param rope rotation of queries and keys
 * @param window positions that a query sees, itself included
 */
public record Attention(
    Projection projection,
    Linear output,
    int heads,
    int groups,
    int headDim,
    double scale,
    OptionalDouble softcap,
    Optional<Norm> queryNorm,
    Optional<Norm> keyNorm,
    Optional<Rope> rope,
    OptionalInt window) {

  /** How queries, keys and values are made. */
  public sealed interface Projection {

    /** One matrix for each. */
    record Separate(Linear query, Linear key, Linear value) implements Projection {}

    /** All queries, then all keys, then all values of one matrix. */
    record Blocks(Linear joined) implements Projection {}

    /** Query, key and value of head 0, then of head 1, and so on; as many groups as heads. */
    record PerHead(Linear joined) implements Projection {}
  }
}
