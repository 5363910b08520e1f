package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.report.InspectReport;
import java.util.List;

/** Sees what each group was clustered by. Calls come from several threads at once. */
@FunctionalInterface
public interface ClusterObserver {

  /** Nobody looks. */
  ClusterObserver NONE = (group, gram, clustering, curve) -> {};

  /**
   * A group has been clustered.
   *
   * @param group its name
   * @param gram of its features, equivalent channels counted once
   * @param clustering of the same channels
   * @param curve J(k) of the features, k ascending; empty for methods that build no tree
   */
  void clustered(
      String group, GramMatrix gram, Clustering clustering, List<InspectReport.Point> curve);
}
