package dev.pleat.llm.architecture;

import java.util.Optional;

/**
 * How tokens become the residual stream.
 *
 * @param tokens the token embedding {@code [vocabulary, hidden]}
 * @param scaled whether it is multiplied by √hidden
 * @param positions the learned positions {@code [context + offset, hidden]}; empty where positions
 *     are rotary
 * @param positionOffset row of the first position
 * @param tokenTypes an embedding whose row 0 is added everywhere
 * @param norm a normalisation of the sum
 */
public record EmbeddingDescription(
    String tokens,
    boolean scaled,
    Optional<String> positions,
    int positionOffset,
    Optional<String> tokenTypes,
    Optional<String> norm) {}
