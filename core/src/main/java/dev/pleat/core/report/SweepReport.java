package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * How good and how large a model is after each of many folds. The component names are the fields of
 * {@code sweep --json}.
 *
 * @param model the model that was folded
 * @param data what every result was evaluated on, such as a path
 * @param count images or tokens of it
 * @param seed of all folds
 * @param original the model itself
 * @param points one for each fold, in the order in which they were asked for
 * @param seconds of clustering, for all points together
 * @param failures folds that were not possible
 */
public record SweepReport(
    String model,
    String data,
    long count,
    long seed,
    Result original,
    List<Point> points,
    double seconds,
    List<Failure> failures) {

  /** Copies the list. */
  public SweepReport {
    points = List.copyOf(points);
    failures = List.copyOf(failures);
  }

  /**
   * A fold that was not possible.
   *
   * @param trial what was asked for
   * @param reason why not
   */
  public record Failure(String trial, String reason) {}

  /**
   * One fold.
   *
   * @param method the method in lower case
   * @param repair the repair that was used, in lower case
   * @param allocation how the target was shared out between groups, in lower case
   * @param target the option that gave the target, without its dashes, such as {@code params}
   * @param asked its value: a share in [0, 1], or bytes for {@code size}
   * @param achieved the same quantity of the result
   * @param relativeError mean over the groups that became narrower of {@link
   *     GroupReport#relativeError}, 0 for none
   * @param result what came of it
   */
  public record Point(
      String method,
      String repair,
      String allocation,
      String target,
      double asked,
      double achieved,
      double relativeError,
      Result result) {}

  /**
   * A model in figures. A sweep has the same measures for all of its points.
   *
   * @param parameters floating-point weights
   * @param flops as in {@link FoldReport}
   * @param bytes file size, external data included
   * @param latencyMs time of one run, one for each batch size that was measured; empty when none
   * @param accuracy share of labelled images whose largest output is their class, in [0, 1]
   * @param agreement how far the outputs are from the original's
   * @param embeddings how far what the outputs say of a sample is kept
   * @param perplexity of the text, at least 1
   * @param footprint what the model needs of a microcontroller, empty where that was not counted
   */
  public record Result(
      long parameters,
      Optional<Long> flops,
      long bytes,
      List<Latency> latencyMs,
      Optional<Double> accuracy,
      Optional<Agreement> agreement,
      Optional<EmbeddingAgreement> embeddings,
      Optional<Double> perplexity,
      Optional<Footprint> footprint) {

    /** Copies the list. */
    public Result {
      latencyMs = List.copyOf(latencyMs);
    }
  }
}
