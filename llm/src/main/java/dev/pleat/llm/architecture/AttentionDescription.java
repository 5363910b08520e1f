package dev.pleat.llm.architecture;

import java.util.Optional;

/**
 * The attention of a layer.
 *
 * @param projections what makes queries, keys and values
 * @param output the projection back into the residual stream
 * @param queryNorm normalisation of each query head {@code [head_dim]}, after the projection
 * @param keyNorm the same of each key head
 * @param causal whether a position sees only itself and those before
 * @param globalEvery every layer whose number + 1 is a multiple of this has no sliding window; 0
 *     for none such
 * @param rotaryPairs which dimensions of a head turn together
 * @param heads whether loaders take fewer heads
 */
public record AttentionDescription(
    Projections projections,
    String output,
    Optional<String> queryNorm,
    Optional<String> keyNorm,
    boolean causal,
    int globalEvery,
    RotaryPairs rotaryPairs,
    Heads heads) {

  /** What makes queries, keys and values. */
  public sealed interface Projections {

    /** Three modules. */
    record Separate(String query, String key, String value) implements Projections {}

    /** One module whose outputs are in this order. */
    record Fused(String module, Order order) implements Projections {}
  }

  /** The order of the outputs of a fused projection. */
  public enum Order {
    /** All query heads, all key heads, all value heads. */
    BLOCKS,
    /** For each key/value head its query heads, its key, its value. */
    HEADS
  }

  /** Which dimensions of a head turn together, of the first n that turn. */
  public enum RotaryPairs {
    /** j and j + n/2. */
    HALVES,
    /** 2j and 2j + 1. */
    NEIGHBOURS
  }

  /** Whether the number of heads in {@code config.json} may change. */
  public sealed interface Heads {

    /**
     * It may.
     *
     * @param divides whether loaders want the hidden size to be a multiple of the query heads
     */
    record Free(boolean divides) implements Heads {}

    /** It may not, because of this. */
    record Fixed(String reason) implements Heads {}
  }
}
