package dev.pleat.llm.architecture;

import java.util.Locale;

/**
 * The facts that descriptions look up in {@code config.json}. A description names the field for
 * each that its family has; the others do not apply to it.
 */
public enum ConfigField {
  /** Width of the residual stream. */
  HIDDEN_SIZE,
  /** Number of layers. */
  LAYERS,
  /** Number of query heads. */
  QUERY_HEADS,
  /** Number of key/value heads; as many as query heads where the family has no such field. */
  KEY_VALUE_HEADS,
  /** Width of one head; hidden size / query heads where the field is absent. */
  HEAD_DIM,
  /** Rows of the token embedding. */
  VOCABULARY,
  /** Longest sequence. */
  CONTEXT,
  /** ε of the normalisations. */
  NORM_EPSILON,
  /** Name of the activation, such as silu, gelu_pytorch_tanh, relu. */
  ACTIVATION,
  /** Whether the output layer is the token embedding. */
  TIED_EMBEDDINGS,
  /** Base of the rotary frequencies. */
  ROPE_THETA,
  /** Base of the rotary frequencies in layers with a sliding window, where it differs. */
  ROPE_LOCAL_THETA,
  /** Object that says how rotary frequencies are scaled. */
  ROPE_SCALING,
  /** Share of each head that is rotated. */
  ROTARY_FRACTION,
  /** Positions that a query sees. */
  SLIDING_WINDOW,
  /** List that says of each layer whether it has a sliding window. */
  LAYER_TYPES,
  /** The square of what divides the attention scores; the head width where absent. */
  ATTENTION_SCALE,
  /** Soft limit of the attention scores: s·tanh(x/s). */
  ATTENTION_SOFTCAP,
  /** Soft limit of the logits. */
  LOGIT_SOFTCAP,
  /** Whether attention and feed-forward both read the layer's input. */
  PARALLEL_RESIDUAL,
  /** Experts that a token is sent to. */
  EXPERTS_PER_TOKEN,
  /** Whether the weights of the chosen experts are normalised to sum 1. */
  NORMALIZED_ROUTING;

  /** The name in descriptions. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
