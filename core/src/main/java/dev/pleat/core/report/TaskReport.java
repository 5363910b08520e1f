package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * How many questions a language model answers. The component names are the fields of {@code eval
 * --json}.
 *
 * @param model the directory of the model that was evaluated
 * @param task the file of questions
 * @param format of its rows
 * @param shots examples before each question
 * @param count number of questions
 * @param accuracy share of questions whose likeliest choice is right
 * @param normalized the same with log-likelihoods divided by the length of the choice
 * @param against the same of the original, empty without one
 * @param questionsPerSecond of evaluation, by both models where there is an original
 * @param questions each question
 */
public record TaskReport(
    String model,
    String task,
    String format,
    int shots,
    int count,
    Share accuracy,
    Share normalized,
    Optional<Against> against,
    double questionsPerSecond,
    List<Answered> questions) {

  /** Copies the list. */
  public TaskReport {
    questions = List.copyOf(questions);
  }

  /**
   * A share of questions.
   *
   * @param value in [0, 1]
   * @param standardError of it, the sample's deviation over √n
   */
  public record Share(double value, double standardError) {}

  /**
   * The original on the same questions.
   *
   * @param accuracy as above
   * @param normalized as above
   * @param change of the accuracy, question by question
   * @param normalizedChange of the normalised accuracy
   */
  public record Against(
      Share accuracy, Share normalized, Difference change, Difference normalizedChange) {}

  /**
   * A paired difference.
   *
   * @param value model minus original
   * @param low lower end of its 95 % interval
   * @param high upper end
   */
  public record Difference(double value, double low, double high) {}

  /**
   * One question.
   *
   * @param line where it stands, from 1
   * @param answer the right choice
   * @param logLikelihoods of the choices in nats
   */
  public record Answered(int line, int answer, List<Double> logLikelihoods) {

    /** Copies the list. */
    public Answered {
      logLikelihoods = List.copyOf(logLikelihoods);
    }
  }
}
