package dev.pleat.llm.run;

import dev.pleat.core.PleatException;
import java.util.SplittableRandom;

/** Draws tokens of one sequence from softmax(logits / temperature), computed in double. */
final class Sampler {
  private final SplittableRandom random;
  private final double temperature;

  /**
   * A sampler.
   *
   * @param temperature above 0
   */
  Sampler(SplittableRandom random, double temperature) {
    this.random = random;
    this.temperature = temperature;
  }

  /**
   * Draws a token.
   *
   * @param logits holds the logits of the sequence from {@code from} on
   * @throws PleatException when no logit is a finite number
   */
  int draw(float[] logits, int from, int vocabulary) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + vocabulary; i++) {
      max = Math.max(max, logits[i]);
    }
    if (!Double.isFinite(max)) {
      throw new PleatException(
          "the model gives logits that are no numbers, so it cannot write; check its weights");
    }
    double[] shares = new double[vocabulary];
    double sum = 0;
    for (int token = 0; token < vocabulary; token++) {
      shares[token] = Math.exp((logits[from + token] - max) / temperature);
      sum += shares[token];
    }
    double left = random.nextDouble() * sum;
    int last = 0;
    for (int token = 0; token < vocabulary; token++) {
      if (shares[token] > 0) {
        last = token;
        left -= shares[token];
        if (left < 0) {
          return token;
        }
      }
    }
    return last;
  }

  /** A number of [0, 1). */
  double uniform() {
    return random.nextDouble();
  }
}
