package dev.pleat.core.report;

import java.util.List;
import java.util.Optional;

/**
 * What clustering saw of a group, for whoever wants to draw it. Not part of any JSON.
 *
 * @param name the group's name
 * @param curve the redundancy curve J(k) of the features that were clustered, k ascending, at most
 *     64 points; empty for methods that build no tree
 * @param knee the point of the curve where it bends, empty for a curve without one
 * @param before of the channels, those of a cluster side by side, the largest cluster first and
 *     dropped channels last; equivalent channels count as one
 * @param after of what the shown channels became, in the order of their clusters
 */
public record GroupDetail(
    String name,
    List<InspectReport.Point> curve,
    Optional<InspectReport.Point> knee,
    SimilarityMap before,
    SimilarityMap after) {

  /** Copies the list. */
  public GroupDetail {
    curve = List.copyOf(curve);
  }
}
