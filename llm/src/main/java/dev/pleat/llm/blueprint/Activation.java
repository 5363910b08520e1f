package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;

/** The nonlinearity of a feed-forward layer. */
public enum Activation {
  /** x · sigmoid(x). */
  SILU,
  /** x · Φ(x). */
  GELU,
  /** x · Φ(x) by the usual approximation with tanh. */
  GELU_TANH,
  /** max(x, 0). */
  RELU,
  /** max(x, 0)². */
  RELU_SQUARED;

  /**
   * The activation that a config names so.
   *
   * @throws PleatException when it is not known
   */
  public static Activation of(String name) {
    return switch (name) {
      case "silu", "swish" -> SILU;
      case "gelu", "gelu_python" -> GELU;
      case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_python_tanh" -> GELU_TANH;
      case "relu" -> RELU;
      case "relu2" -> RELU_SQUARED;
      default ->
          throw new PleatException(
              "config.json: the activation '%s' is unknown; models with silu, gelu, gelu_new, gelu_pytorch_tanh, relu or relu2 can be run"
                  .formatted(name));
    };
  }
}
