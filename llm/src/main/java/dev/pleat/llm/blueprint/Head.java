package dev.pleat.llm.blueprint;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The last hidden state to logits: projection, activation, normalisation, output.
 *
 * @param projection hidden to hidden, or to the width of the embedding
 * @param activation of the projection
 * @param norm the final normalisation
 * @param output to the vocabulary
 * @param softcap logits become cap · tanh(logit / cap)
 */
public record Head(
    Optional<Linear> projection,
    Optional<Activation> activation,
    Optional<Norm> norm,
    Linear output,
    OptionalDouble softcap) {}
