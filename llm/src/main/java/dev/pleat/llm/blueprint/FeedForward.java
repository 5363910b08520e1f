package dev.pleat.llm.blueprint;

import java.util.List;
import java.util.Optional;

/** The part of a layer that treats every position by itself. */
public sealed interface FeedForward {

  /** A feed-forward network with one down projection. */
  sealed interface Dense extends FeedForward {
    /** The projection that reads the neurons' activations. */
    Linear down();

    /** Values that each neuron is made of: one, or a gate and what it is multiplied with. */
    default int inputs() {
      return this instanceof Plain ? 1 : 2;
    }
  }

  /** down(σ(up x)). */
  record Plain(Linear up, Linear down, Activation activation) implements Dense {}

  /** down(σ(gate x) · up x). */
  record Gated(Linear gate, Linear up, Linear down, Activation activation) implements Dense {}

  /** The same with gate and up in one matrix, the gate's rows first. */
  record JoinedGated(Linear gateUp, Linear down, Activation activation) implements Dense {}

  /**
   * A mixture of experts: softmax of the router's logits, the best {@code chosen} of each position.
   *
   * @param router hidden to experts
   * @param experts all of them
   * @param chosen experts of one position
   * @param normalised whether the chosen weights are divided by their sum
   * @param shared an expert that every position takes
   * @param sharedGate hidden to 1; its sigmoid scales the shared expert
   */
  record Mixture(
      Linear router,
      List<Dense> experts,
      int chosen,
      boolean normalised,
      Optional<Dense> shared,
      Optional<Linear> sharedGate)
      implements FeedForward {

    /** Copies the list. */
    public Mixture {
      experts = List.copyOf(experts);
    }
  }
}
