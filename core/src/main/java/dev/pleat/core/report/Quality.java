package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * How well a folded model was seen to do what the original does, on inputs that nothing was fitted
 * to. The component names are fields of {@code fold --json}.
 *
 * @param measure {@code top1} for a classifier, the share of inputs that both put in the same
 *     class; else {@code fidelity}, the lowest of the outputs; {@code none} where nothing could be
 *     measured
 * @param value the measure, at most 1, the lowest over the kinds of inputs; empty where nothing
 *     could be measured
 * @param outputs the fidelity of each output on the first kind of inputs
 * @param kinds the measure on each kind of inputs, first the held-out part of those that a repair
 *     was fitted to, if any
 * @param made whether the inputs were made without data
 * @param keeps a smaller reduction that is predicted to keep the model useful, as an option; empty
 *     where none was looked for or found
 * @param warning what whoever wants to use the model has to know, empty for nothing
 */
public record Quality(
    String measure,
    Optional<Double> value,
    List<Output> outputs,
    List<Kind> kinds,
    boolean made,
    String keeps,
    String warning) {

  /** Copies the lists. */
  public Quality {
    outputs = List.copyOf(outputs);
    kinds = List.copyOf(kinds);
  }

  /**
   * One output.
   *
   * @param name its name
   * @param fidelity {@code 1 − Σ‖y − ŷ‖² / Σ‖y − ȳ‖²}, y being what the original gives for an
   *     input, ŷ what the folded model gives, ȳ the mean of y over the inputs; at most 1, and −1
   *     where it is below that
   */
  public record Output(String name, double fidelity) {}

  /**
   * One kind of inputs.
   *
   * @param source what they are
   * @param inputs how many
   * @param value the measure on them
   */
  public record Kind(String source, int inputs, double value) {}
}
