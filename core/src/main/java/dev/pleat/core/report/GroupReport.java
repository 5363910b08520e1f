package dev.pleat.core.report;

/**
 * What folding did to one channel group.
 *
 * @param name the group's name
 * @param before channels before
 * @param after channels after
 * @param objective J(U), the squared distance between the features and their cluster means; for
 *     feed-forward blocks that were folded on a text, the mean squared distance between their
 *     outputs and the original's
 * @param relativeError the same over the squared norm of the features or outputs, at least 0
 * @param varianceRatio mean over channels of Var(folded)/Var(original) after repair, 1 is perfect:
 *     measured where the repair runs the network, else as the weights predict it
 * @param varianceRatioBefore the same before repair
 * @param frozen whether the group could not be folded
 * @param reason why it is frozen, empty when it is not
 */
public record GroupReport(
    String name,
    int before,
    int after,
    double objective,
    double relativeError,
    double varianceRatio,
    double varianceRatioBefore,
    boolean frozen,
    String reason) {

  /** The same with variance ratios that were measured. */
  public GroupReport withVarianceRatios(double unrepaired, double repaired) {
    return new GroupReport(
        name, before, after, objective, relativeError, repaired, unrepaired, frozen, reason);
  }
}
