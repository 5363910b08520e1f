package dev.pleat.llm.blueprint;

import java.util.Optional;

/**
 * Tokens to the first hidden state: scale · table[token] (+ positions, + segment), normalised, then
 * projected.
 *
 * @param tokens table [vocabulary, width]
 * @param scale factor of the table's rows
 * @param positions learned positions
 * @param segments table [segments, hidden] whose first row is added everywhere
 * @param norm over the sum
 * @param projection from the table's width to the residual stream's, before positions are added
 */
public record Embedding(
    String tokens,
    double scale,
    Optional<Positions> positions,
    Optional<String> segments,
    Optional<Norm> norm,
    Optional<Linear> projection) {

  /**
   * Learned positions.
   *
   * @param table [positions, hidden]
   * @param offset the row of position 0
   */
  public record Positions(String table, int offset) {}
}
