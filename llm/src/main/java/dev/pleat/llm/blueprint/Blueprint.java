package dev.pleat.llm.blueprint;

import java.util.List;
import java.util.Optional;

/**
 * A whole transformer.
 *
 * @param hidden width of the residual stream
 * @param vocabulary rows of the embedding
 * @param context most positions it was made for
 * @param causal whether a position sees only itself and earlier ones
 * @param embedding tokens to the first hidden state
 * @param layers in order
 * @param head the last hidden state to logits; empty where the family gives none
 */
public record Blueprint(
    int hidden,
    int vocabulary,
    int context,
    boolean causal,
    Embedding embedding,
    List<Layer> layers,
    Optional<Head> head) {

  /** Copies the list. */
  public Blueprint {
    layers = List.copyOf(layers);
  }
}
