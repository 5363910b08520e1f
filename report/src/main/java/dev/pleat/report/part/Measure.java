package dev.pleat.report.part;

import dev.pleat.core.report.Agreement;
import dev.pleat.core.report.EmbeddingAgreement;
import dev.pleat.core.report.SweepReport.Result;
import dev.pleat.report.figures.Figures;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** What tells how good a model of a sweep is. */
public enum Measure {
  /** Share of labelled images that are classified rightly. */
  ACCURACY("Accuracy", Result::accuracy),
  /** exp of the mean negative log-likelihood of a token; lower is better. */
  PERPLEXITY("Perplexity", Result::perplexity),
  /** Mean cosine of a sample's embeddings in the model and in its original. */
  EMBEDDINGS("Cosine", result -> result.embeddings().map(EmbeddingAgreement::cosine)),
  /** Share of inputs on which the model and its original agree. */
  AGREEMENT("Agreement", result -> result.agreement().map(Agreement::top1));

  private final String label;
  private final Function<Result, Optional<Double>> value;

  Measure(String label, Function<Result, Optional<Double>> value) {
    this.label = label;
    this.value = value;
  }

  /** The first measure that a model was given; {@link #AGREEMENT} where it has none. */
  public static Measure of(Result result) {
    return Arrays.stream(values())
        .filter(measure -> measure.value(result).isPresent())
        .findFirst()
        .orElse(AGREEMENT);
  }

  /** Whether it is read in per cent. */
  boolean isShare() {
    return this == ACCURACY || this == AGREEMENT;
  }

  /** Its name in a heading. */
  public String label() {
    return label;
  }

  /** The value of a model when it is a number. */
  Optional<Double> value(Result result) {
    return value.apply(result).filter(Double::isFinite);
  }

  /** The value of a model as it is read; a dash when it has none. */
  public String figure(Result result) {
    return value(result).map(this::figure).orElse("–");
  }

  String figure(double measured) {
    return isShare() ? Figures.percent(measured) : Figures.plain(measured);
  }

  /** An axis that holds these values. */
  Axis axis(double least, double most) {
    return this == PERPLEXITY && most > 5 * least
        ? Axis.logarithmic(least, most)
        : Axis.linear(least, most);
  }
}
