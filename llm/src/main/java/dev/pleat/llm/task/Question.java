package dev.pleat.llm.task;

import dev.pleat.llm.json.JsonObject;
import java.util.List;

/**
 * One row of a task.
 *
 * @param line where it stands in the file, from 1
 * @param choices at least two
 * @param answer the right one, in [0, choices)
 */
public record Question(int line, List<Choice> choices, int answer) {

  /** Copies the list. */
  public Question {
    choices = List.copyOf(choices);
  }

  /**
   * What a model is asked the likelihood of.
   *
   * @param context what stands before, without a blank at its end
   * @param continuation what is judged, with the blank that divides it from the context
   * @param length of the choice in characters, without that blank; what normalised likelihoods are
   *     divided by
   */
  public record Choice(String context, String continuation, int length) {

    /** A choice behind a blank. */
    static Choice of(String context, String choice) {
      return new Choice(context, " " + choice, choice.codePointCount(0, choice.length()));
    }
  }

  /**
   * A question whose choices stand behind one context.
   *
   * @throws dev.pleat.core.PleatException when there are fewer than two choices
   */
  static Question of(JsonObject row, int line, String context, List<String> choices, int answer) {
    if (choices.size() < 2) {
      throw row.error("choices", "has %d choices, expected two or more".formatted(choices.size()));
    }
    return new Question(
        line, choices.stream().map(choice -> Choice.of(context, choice)).toList(), answer);
  }

  /** The row with its answer, as an example that stands before others. */
  String solved() {
    Choice right = choices.get(answer);
    return right.context() + right.continuation();
  }

  /** The same behind some examples. */
  Question behind(String examples) {
    return new Question(
        line,
        choices.stream()
            .map(c -> new Choice(examples + c.context(), c.continuation(), c.length()))
            .toList(),
        answer);
  }
}
