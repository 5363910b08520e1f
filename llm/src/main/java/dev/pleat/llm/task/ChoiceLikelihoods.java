package dev.pleat.llm.task;

import dev.pleat.core.PleatException;
import dev.pleat.llm.run.HiddenStates;
import dev.pleat.llm.run.LanguageModel;
import dev.pleat.llm.run.LogProbabilities;
import dev.pleat.llm.run.Reading;
import java.util.Arrays;
import java.util.List;

/**
 * Log-likelihoods of choices. What the choices of a question have in common is read once and its
 * keys and values kept; the rest of all of them is read in one batch, shorter ones filled up at the
 * end, which nothing before it sees.
 */
final class ChoiceLikelihoods {
  /** Logits that are held at once, 64 MiB of them. */
  private static final int MOST_LOGITS = 1 << 24;

  private final LanguageModel model;

  ChoiceLikelihoods(LanguageModel model) {
    this.model = model;
  }

  /**
   * The log-likelihood of each choice in nats.
   *
   * @param begun what was read that all choices begin with, at most up to where their judged tokens
   *     can be predicted from
   * @throws PleatException when a likelihood is not a number
   */
  double[] of(Question question, List<TokenChoice> choices, Reading begun) {
    int shared = TokenChoice.shared(choices);
    int done = begun.length();
    if (shared <= done) {
      return of(question, choices, done, begun);
    }
    try (Reading context =
        begun.goOn(Arrays.copyOfRange(choices.getFirst().tokens(), done, shared))) {
      return of(question, choices, shared, context);
    }
  }

  private double[] of(Question question, List<TokenChoice> choices, int done, Reading context) {
    int longest = choices.stream().mapToInt(c -> c.tokens().length - 1 - done).max().orElseThrow();
    int[][] rest =
        choices.stream()
            .map(c -> Arrays.copyOf(tail(c.tokens(), done), longest))
            .toArray(int[][]::new);
    HiddenStates states = model.read(context, rest);
    double[] sums = new double[rest.length];
    for (int c = 0; c < rest.length; c++) {
      sums[c] = sum(choices.get(c), states, c * longest - done);
      if (Double.isNaN(sums[c])) {
        throw new PleatException(
            "line %d: the model gives NaN for choice %d; check its weights"
                .formatted(question.line(), c + 1));
      }
    }
    return sums;
  }

  /** The inputs behind what was read: the last token is only predicted. */
  private static int[] tail(int[] tokens, int done) {
    return Arrays.copyOfRange(tokens, done, tokens.length - 1);
  }

  private double sum(TokenChoice choice, HiddenStates states, int rowOfStart) {
    double sum = 0;
    int[] tokens = choice.tokens();
    int step = Math.max(1, MOST_LOGITS / model.vocabulary());
    for (int at = choice.from(); at < tokens.length; at += step) {
      int count = Math.min(step, tokens.length - at);
      LogProbabilities predicted =
          new LogProbabilities(
              model.logits(states, rowOfStart + at - 1, count), model.vocabulary());
      for (int row = 0; row < count; row++) {
        sum += predicted.of(row, tokens[at + row]);
      }
    }
    return sum;
  }
}
