package dev.pleat.llm.blueprint;

import java.util.List;

/**
 * A whole transformer.
 *
 * @param hidden width of the residual stream
 * @param vocabulary rows of the embedding
 * @param context most positions it was made for
 * @param causal whether a position sees only itself and earlier ones
 * @param embedding tokens to the first hidden state
 * @param layers in order
 * @param head the last hidden state to logits
 */
public record Blueprint(
    int hidden,
    int vocabulary,
    int context,
    boolean causal,
    Embedding embedding,
    List<Layer> layers,
    Head head) {

  /** Copies the list. */
  public Blueprint {
    layers = List.copyOf(layers);
  }
}
