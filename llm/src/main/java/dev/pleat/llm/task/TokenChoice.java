package dev.pleat.llm.task;

import dev.pleat.core.PleatException;
import dev.pleat.llm.text.Tokenizer;
import java.util.Arrays;
import java.util.List;

/**
 * A choice behind its context, in tokens.
 *
 * @param tokens context and choice
 * @param from the first that is judged, at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record TokenChoice(int[] tokens, int from) {

  /**
   * Encodes a choice as the usual harness does: both texts together, of which as many tokens are
   * the context's as it has by itself. Where that is more than the model takes, the context loses
   * its beginning.
   *
   * @param context most tokens that the model takes
   * @throws PleatException when the choice alone is longer, or nothing stands before it
   */
  static TokenChoice of(Question question, int index, Tokenizer tokenizer, int context) {
    Question.Choice choice = question.choices().get(index);
    String before = choice.context().stripTrailing();
    String blank = choice.context().substring(before.length());
    int[] whole = tokenizer.encodeDocument(before + blank + choice.continuation());
    int from = tokenizer.encodeDocument(before).length;
    // The last token is predicted and never read.
    int over = Math.max(0, whole.length - 1 - context);
    if (whole.length - from > context) {
      throw new PleatException(
          "line %d: choice %d has %d tokens, more than the %d that the model takes; leave the question out"
              .formatted(question.line(), index + 1, whole.length - from, context));
    }
    if (from - over < 1 || from >= whole.length) {
      throw new PleatException(
          "line %d: choice %d %s"
              .formatted(
                  question.line(),
                  index + 1,
                  from >= whole.length
                      ? "is empty; leave the question out"
                      : "has no token before it, so its first cannot be predicted; give the question a context"));
    }
    return new TokenChoice(Arrays.copyOfRange(whole, over, whole.length), from - over);
  }

  /** How many tokens all begin with that only predict, and are not among what is judged. */
  static int shared(List<TokenChoice> choices) {
    TokenChoice first = choices.getFirst();
    int shared = first.from - 1;
    for (TokenChoice other : choices) {
      shared = Math.min(shared, Math.min(other.from - 1, common(first.tokens, other.tokens)));
    }
    return shared;
  }

  static int common(int[] a, int[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }
}
