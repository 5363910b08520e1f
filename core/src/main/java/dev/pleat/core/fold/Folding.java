package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.MergedGroups;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the channel groups of a model: equivalent channels first, which costs nothing, then
 * clusters of similar ones, then their merge and the repair of the statistics.
 */
public final class Folding {
  private static final Logger LOG = LoggerFactory.getLogger(Folding.class);

  private final TensorStore store;
  private final Optional<TensorStore> unread;
  private final FoldOptions options;
  private final int threads;
  private final Stopwatch watch = new Stopwatch();

  /**
   * What folding did.
   *
   * @param clusterings for each group, which of its original channels became one
   * @param groups what happened to each group, in the same order
   * @param repair the repair that was used, never {@link Repair#AUTO}
   * @param repairReason why
   * @param watch wall-clock seconds of the stages {@code gram}, {@code cluster}, {@code merge},
   *     {@code repair}
   */
  public record Outcome(
      List<Clustering> clusterings,
      List<GroupReport> groups,
      Repair repair,
      String repairReason,
      Stopwatch watch) {}

  private Folding(
      TensorStore store, Optional<TensorStore> unread, FoldOptions options, int threads) {
    this.store = store;
    this.unread = unread;
    this.options = options;
    this.threads = threads;
  }

  /** Loads the linear algebra in the background, so that a fold soon after need not wait for it. */
  public static void prepare() {
    Thread.ofPlatform()
        .daemon()
        .name("pleat-prepare")
        .uncaughtExceptionHandler((thread, e) -> LOG.debug("loading in the background failed", e))
        .start(BlasProvider::shared);
  }

  /**
   * Folds the groups in place.
   *
   * @param store the model's tensors; merged ones are replaced
   * @param unread where wanted, a second store of the same tensors: in it, the axes that read
   *     channels stay as they are and all others are merged, which is what a repair that fits the
   *     readers starts from
   * @param groups the foldable groups, disjoint
   * @param widths channels that each group keeps, in [1, width] and a multiple of its partitions
   * @param threads threads to use; the result does not depend on it
   * @param progress told of each group once
   * @param observer told of each group that becomes narrower
   */
  public static Outcome fold(
      TensorStore store,
      Optional<TensorStore> unread,
      List<ChannelGroup> groups,
      int[] widths,
      FoldOptions options,
      int threads,
      Progress progress,
      ClusterObserver observer) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(() ->
              new Folding(store, unread, options, threads)
                  .run(groups, widths.clone(), progress, observer))
          .join();
    }
  }

  /**
   * Merges given clusters and repairs nothing.
   *
   * @param store the model's tensors; those of every slot are replaced
   * @param clusterings one for each group
   */
  public static void merge(
      TensorStore store, List<ChannelGroup> groups, List<Clustering> clusterings) {
    ClusterMerge.merge(store, Optional.empty(), groups, clusterings);
  }

  private Outcome run(
      List<ChannelGroup> groups, int[] widths, Progress progress, ClusterObserver observer) {
    List<Clustering> exact = foldEquivalent(groups, widths);
    List<ChannelGroup> distinct = MergedGroups.of(groups, exact);

    progress.begin("cluster", groups.size());
    RepairChoice choice = RepairChoice.of(options, groups, store);
    boolean approximate = choice.repair() == Repair.APPROXIMATE;
    GroupClusterer clusterer =
        new GroupClusterer(store, options, approximate, threads, watch, observer);
    List<GroupClusterer.Found> found = clusterer.cluster(distinct, widths, progress);
    List<Clustering> similar = found.stream().map(GroupClusterer.Found::clustering).toList();

    ClusterMerge merge = new ClusterMerge(store, unread, approximate, watch);
    ClusterMerge.Ratios[] ratios = merge.merge(distinct, similar);

    List<Clustering> clusterings = new ArrayList<>();
    List<GroupReport> reports = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      GroupClusterer.Found f = found.get(g);
      clusterings.add(exact.get(g).then(f.clustering()));
      reports.add(
          new GroupReport(
              groups.get(g).name(),
              groups.get(g).width(),
              widths[g],
              f.objective(),
              f.norm() > 0 ? f.objective() / f.norm() : 0,
              ratios[g].after(),
              ratios[g].before(),
              false,
              "",
              clusterings.getLast().sizeCounts()));
    }
    return new Outcome(clusterings, reports, choice.repair(), choice.reason(), watch);
  }

  /** Merges equivalent channels as far as the widths ask for it; baselines know no such step. */
  private List<Clustering> foldEquivalent(List<ChannelGroup> groups, int[] widths) {
    boolean nothing =
        IntStream.range(0, widths.length).allMatch(g -> widths[g] == groups.get(g).width());
    if (options.method() != Method.FOLD || nothing) {
      return groups.stream().map(group -> Clustering.identity(group.width())).toList();
    }
    List<Clustering> classes = watch.time("cluster", () -> EquivalentChannels.find(groups, store));
    List<Clustering> exact = new ArrayList<>();
    for (int g = 0; g < widths.length; g++) {
      exact.add(atLeast(groups.get(g), classes.get(g), widths[g]));
    }
    if (exact.stream().anyMatch(clustering -> clustering.count() < clustering.channels())) {
      watch.time("merge", () -> ClusterMerge.merge(store, unread, groups, exact));
    }
    return exact;
  }

  /** As many of the class merges as leave each partition no fewer clusters than its share of k. */
  private static Clustering atLeast(ChannelGroup group, Clustering classes, int k) {
    if (classes.count() == group.width()) {
      return classes;
    }
    int[] distinct = new int[group.partitions()];
    for (int[] members : classes.members()) {
      distinct[group.partition()[members[0]]]++;
    }
    int share = Math.max(k / group.partitions(), Arrays.stream(distinct).max().orElse(0));
    int[] merges = new int[group.partitions()];
    Arrays.fill(merges, group.width() / group.partitions() - share);
    int[] clusterOf = IntStream.range(0, group.width()).toArray();
    for (int[] members : classes.members()) {
      int partition = group.partition()[members[0]];
      for (int m = 1; m < members.length && merges[partition] > 0; m++) {
        clusterOf[members[m]] = members[0];
        merges[partition]--;
      }
    }
    return Clustering.of(clusterOf);
  }
}
