package dev.pleat.llm.eval;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.Agreement;
import dev.pleat.llm.run.LogProbabilities;

/** Sums over all judged tokens, in their order. */
final class TextTally {
  private long tokens;
  private double nll;
  private long same;
  private double divergence;
  private double largest;

  /**
   * Judges one token.
   *
   * @throws PleatException when its probability is not a number
   */
  void add(LogProbabilities predicted, int row, int token) {
    double logarithm = predicted.of(row, token);
    if (Double.isNaN(logarithm)) {
      throw new PleatException(
          "the model gives NaN for token %d of the text; check its weights".formatted(tokens + 1));
    }
    nll -= logarithm;
    tokens++;
  }

  /** Compares the predictions of one token. */
  void compare(LogProbabilities original, LogProbabilities predicted, int row) {
    same += original.likeliest(row) == predicted.likeliest(row) ? 1 : 0;
    divergence += original.divergence(predicted, row);
    for (int i = row * original.vocabulary(); i < (row + 1) * original.vocabulary(); i++) {
      largest = Math.max(largest, Math.abs((double) original.logits()[i] - predicted.logits()[i]));
    }
  }

  long tokens() {
    return tokens;
  }

  /** Mean negative logarithm of the probability of a token, in nats. */
  double nll() {
    return nll / tokens;
  }

  Agreement agreement() {
    return new Agreement((double) same / tokens, divergence / tokens, largest);
  }
}
