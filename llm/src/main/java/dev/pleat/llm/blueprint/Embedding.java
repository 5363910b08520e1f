package dev.pleat.llm.blueprint;

import java.util.Optional;

/**
 * Tokens to the first hidden state: scale · table[token] (+ positions, + segment), normalised.
 *
 * @param tokens table [vocabulary, hidden]
 * @param scale factor of the table's rows
 * @param positions learned positions
 * @param segments table [segments, hidden] whose first row is added everywhere
 * @param norm over the sum
 */
public record Embedding(
    String tokens,
    double scale,
    Optional<Positions> positions,
    Optional<String> segments,
    Optional<Norm> norm) {

  /**
   * Learned positions.
   *
   * @param table [positions, hidden]
   * @param offset the row of position 0
   */
  public record Positions(String table, int offset) {}
}
