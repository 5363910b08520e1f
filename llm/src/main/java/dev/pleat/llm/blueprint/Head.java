package dev.pleat.llm.blueprint;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The last hidden state to logits.
 *
 * @param norm the final normalisation
 * @param output to the vocabulary
 * @param softcap logits become cap · tanh(logit / cap)
 */
public record Head(Optional<Norm> norm, Linear output, OptionalDouble softcap) {}
