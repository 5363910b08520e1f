package dev.pleat.llm.architecture;

import java.util.List;
import java.util.Optional;

/**
 * A feed-forward block: down(act(gate(x))·up(x)), or down(act(up(x))) without a gate. With experts,
 * each is such a block of its own, and {@code {expert}} in the names stands for its number from 0.
 *
 * @param name of the block within a layer, such as mlp or experts
 * @param width where its number of neurons is found in {@code config.json}
 * @param defaultWidth times the hidden size is the width where the field is absent, 0 for no
 *     default
 * @param projections what makes the neurons
 * @param down the projection back into the residual stream
 * @param experts fields of the number of experts, the first that is present counts; empty for a
 *     block of one
 * @param router the module that scores the experts {@code [experts, hidden]}
 * @param outputGate a module {@code [1, hidden]} whose sigmoid scales the block's output
 */
public record FeedForwardDescription(
    String name,
    String width,
    int defaultWidth,
    Projections projections,
    String down,
    List<String> experts,
    Optional<String> router,
    Optional<String> outputGate) {

  /** Copies the list. */
  public FeedForwardDescription {
    experts = List.copyOf(experts);
  }

  /** Whether each token is sent to some of several experts. */
  public boolean isRouted() {
    return !experts.isEmpty();
  }

  /** What makes the neurons. */
  public sealed interface Projections {

    /** One module, activated. */
    record Plain(String up) implements Projections {}

    /** Two modules, the first activated. */
    record Gated(String gate, String up) implements Projections {}

    /** One module that holds all of the gate's outputs, then all of the other's. */
    record Fused(String gateUp) implements Projections {}
  }

  /** A name for one expert. */
  public static String ofExpert(String module, int expert) {
    return module.replace("{expert}", Integer.toString(expert));
  }
}
