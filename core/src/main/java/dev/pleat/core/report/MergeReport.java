package dev.pleat.core.report;

import java.util.List;

/**
 * What {@code merge} did.
 *
 * @param inputs the networks
 * @param heads {@code mean} where its outputs are the means of theirs, {@code joint} where one
 *     output has the classes of all, {@code separate} where each network has its own
 * @param headsFitted whether joint heads were fitted to each other on inputs that the networks made
 * @param unionDifference how far the outputs of the union are from what the networks give, before
 *     heads are fitted, relative to the largest, on inputs that were generated; more than rounding
 *     where weights between frozen channels had to be averaged
 * @param fold what became of the union, whose figures are those before
 */
public record MergeReport(
    List<String> inputs,
    String heads,
    boolean headsFitted,
    double unionDifference,
    FoldReport fold) {

  /** Copies the list. */
  public MergeReport {
    inputs = List.copyOf(inputs);
  }
}
