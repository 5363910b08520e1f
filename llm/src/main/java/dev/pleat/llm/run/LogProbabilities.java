package dev.pleat.llm.run;

/**
 * Logarithms of the probabilities of the next token, in double.
 *
 * @param logits [rows, vocabulary], row-major
 * @param vocabulary width of a row
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record LogProbabilities(float[] logits, int vocabulary) {

  /** Number of rows. */
  public int rows() {
    return logits.length / vocabulary;
  }

  /** log p(token) of a row in nats: NaN where a logit is. */
  public double of(int row, int token) {
    return logits[row * vocabulary + token] - logSum(row);
  }

  /** log Σ exp(logit) of a row. */
  public double logSum(int row) {
    double max = logits[row * vocabulary + likeliest(row)];
    double sum = 0;
    for (int i = row * vocabulary; i < (row + 1) * vocabulary; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum);
  }

  /** The token with the largest logit, the lowest of equal ones. */
  public int likeliest(int row) {
    int best = row * vocabulary;
    for (int i = best + 1; i < (row + 1) * vocabulary; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best - row * vocabulary;
  }

  /** KL(this ‖ other) of a row in nats, at least 0. */
  public double divergence(LogProbabilities other, int row) {
    double own = logSum(row);
    double others = other.logSum(row);
    double sum = 0;
    for (int i = row * vocabulary; i < (row + 1) * vocabulary; i++) {
      double logP = logits[i] - own;
      double p = Math.exp(logP);
      if (p > 0) {
        sum += p * (logP - (other.logits[i] - others));
      }
    }
    return Math.max(0, sum);
  }
}
