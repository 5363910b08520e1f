package dev.pleat.core.report;

import java.util.List;

/**
 * What {@code merge} did.
 *
 * @param inputs the networks
 * @param unionDifference how far the outputs of the union are from the means of the networks',
 *     relative to the largest, on inputs that were generated; more than rounding where weights
 *     between frozen channels had to be averaged
 * @param fold what became of the union, whose figures are those before
 */
public record MergeReport(List<String> inputs, double unionDifference, FoldReport fold) {

  /** Copies the list. */
  public MergeReport {
    inputs = List.copyOf(inputs);
  }
}
