package dev.pleat.llm.architecture;

import java.util.Optional;

/**
 * How the residual stream becomes logits.
 *
 * @param norm the last normalisation
 * @param linear the output layer {@code [vocabulary, hidden]}; the token embedding where the
 *     checkpoint has none; empty for families that give no logits
 */
public record Output(Optional<String> norm, Optional<String> linear) {}
