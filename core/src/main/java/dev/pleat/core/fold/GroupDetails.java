package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.Similarity;
import dev.pleat.core.report.GroupDetail;
import dev.pleat.core.report.InspectReport;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Keeps of every group what a page can draw: kilobytes a group, whatever its width. */
public final class GroupDetails implements ClusterObserver {
  private final SortedMap<String, GroupDetail> byName = new ConcurrentSkipListMap<>();

  @Override
  public void clustered(
      String group, GramMatrix gram, Clustering clustering, List<InspectReport.Point> curve) {
    Similarity similarity = Similarity.of(gram, clustering);
    byName.put(
        group,
        new GroupDetail(
            group, curve, RedundancyCurve.knee(curve), similarity.before(), similarity.after()));
  }

  /** What was seen so far, by name. */
  public List<GroupDetail> all() {
    return List.copyOf(byName.values());
  }
}
