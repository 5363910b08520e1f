package dev.pleat.core.report;

import java.util.List;

/**
 * What folding did to one channel group.
 *
 * @param name the group's name
 * @param before channels before
 * @param after channels after
 * @param objective J(U), the squared distance between the features and their cluster means, also
 *     where channels went instead of merging because their readers lose less by that; for
 *     feed-forward blocks that were folded on a text, the mean squared distance between their
 *     outputs and the original's, NaN in a dry run
 * @param relativeError the same over the squared norm of the features or outputs, at least 0
 * @param varianceRatio mean over channels of Var(folded)/Var(original) after repair, 1 is perfect:
 *     measured where the repair runs the network, else as the weights predict it
 * @param varianceRatioBefore the same before repair
 * @param frozen whether the group could not be folded
 * @param reason why it is frozen or keeps its full width, empty when it became narrower
 * @param clusters how many clusters of each size became one channel, sizes rising; empty for a
 *     frozen group
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
    String reason,
    List<ClusterCount> clusters) {

  /** Copies the list. */
  public GroupReport {
    clusters = List.copyOf(clusters);
  }

  /** A group that could not be folded, for this reason. */
  public static GroupReport frozen(String name, int width, String reason) {
    return new GroupReport(name, width, width, 0, 0, 1, 1, true, reason, List.of());
  }

  /** A group that will become narrower by what a run of the model finds: only that knows more. */
  public static GroupReport foreseen(String name, int width, int kept) {
    double unknown = Double.NaN;
    return new GroupReport(
        name, width, kept, unknown, unknown, unknown, unknown, false, "", List.of());
  }

  /** A group that stays as it is. */
  public static GroupReport whole(String name, int width) {
    List<ClusterCount> clusters = List.of(new ClusterCount(1, width));
    return new GroupReport(name, width, width, 0, 0, 1, 1, false, "", clusters);
  }

  /** The same with variance ratios that were measured. */
  public GroupReport withVarianceRatios(double unrepaired, double repaired) {
    return new GroupReport(
        name,
        before,
        after,
        objective,
        relativeError,
        repaired,
        unrepaired,
        frozen,
        reason,
        clusters);
  }
}
