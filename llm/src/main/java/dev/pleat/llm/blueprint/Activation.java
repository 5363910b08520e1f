package dev.pleat.llm.blueprint;

import dev.pleat.core.PleatException;
import java.util.Arrays;
import java.util.List;

/** The nonlinearity of a feed-forward layer. */
public enum Activation {
  /** x · sigmoid(x). */
  SILU("silu", "swish"),
  /** x · Φ(x). */
  GELU("gelu", "gelu_python"),
  /** x · Φ(x) by the usual approximation with tanh. */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_python_tanh"),
  /** max(x, 0). */
  RELU("relu");

  private final List<String> names;

  Activation(String... names) {
    this.names = List.of(names);
  }

  /**
   * The activation that a config names so.
   *
   * @throws PleatException when there is none
   */
  public static Activation of(String name) {
    return Arrays.stream(values())
        .filter(a -> a.names.contains(name))
        .findFirst()
        .orElseThrow(() ->
            new PleatException(
                "config.json: the activation '%s' is unknown; known are %s"
                    .formatted(
                        name, Arrays.stream(values()).flatMap(a -> a.names.stream()).toList())));
  }
}
