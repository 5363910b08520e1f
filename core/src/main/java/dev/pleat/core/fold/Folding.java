package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.MergedGroups;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.report.GroupReport;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folds the channel groups of a model: equivalent channels first, which costs nothing, then
 * clusters of similar ones, then their merge and the repair of the statistics.
 */
public final class Folding {
  /** Why nothing happened to a group that could fold. */
  private static final String FULL_WIDTH = "the target leaves it all of its channels";

  private static final Logger LOG = LoggerFactory.getLogger(Folding.class);

  private final TensorStore store;
  private final Optional<TensorStore> unread;
  private final Strategy strategy;
  private final Activity activity;
  private final long seed;
  private final int threads;
  private final Stopwatch watch = new Stopwatch();

  /**
   * What folding did.
   *
   * @param clusterings for each group, which of its original channels became one
   * @param groups what happened to each group, in the same order
   * @param watch wall-clock seconds of the stages {@code gram}, {@code cluster}, {@code merge},
   *     {@code repair}
   */
  public record Outcome(List<Clustering> clusterings, List<GroupReport> groups, Stopwatch watch) {}

  private Folding(
      TensorStore store,
      Optional<TensorStore> unread,
      Strategy strategy,
      Activity activity,
      long seed,
      int threads) {
    this.store = store;
    this.unread = unread;
    this.strategy = strategy;
    this.activity = activity;
    this.seed = seed;
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
   * @param strategy how it is done
   * @param seed of random clusters
   * @param threads threads to use; the result does not depend on it
   * @param progress told of each group once
   * @param observer told of each group that becomes narrower
   */
  public static Outcome fold(
      TensorStore store,
      Optional<TensorStore> unread,
      List<ChannelGroup> groups,
      int[] widths,
      Strategy strategy,
      long seed,
      int threads,
      Progress progress,
      ClusterObserver observer) {
    Redundancy redundancy = Redundancy.of(store, groups, strategy, 0, threads);
    Outcome outcome =
        fold(store, unread, redundancy, widths, strategy, seed, threads, progress, observer);
    outcome.watch().add(redundancy.watch());
    return outcome;
  }

  /**
   * Folds the groups in place, by trees that other folds of the same tensors may share.
   *
   * @param store the model's tensors; merged ones are replaced
   * @param unread as above
   * @param redundancy of the tensors as they are before this fold, for such a strategy
   * @param widths channels that each group keeps, in [1, width] and a multiple of its partitions
   * @param strategy how it is done
   * @param seed of random clusters
   * @param threads threads to use; the result does not depend on it
   * @param progress told of each group once
   * @param observer sees the clusters of each group
   * @return what it did; the seconds leave out those of the redundancy itself
   * @throws IllegalArgumentException when the redundancy is for other methods or repairs
   */
  public static Outcome fold(
      TensorStore store,
      Optional<TensorStore> unread,
      Redundancy redundancy,
      int[] widths,
      Strategy strategy,
      long seed,
      int threads,
      Progress progress,
      ClusterObserver observer) {
    return fold(
        store,
        unread,
        redundancy,
        widths,
        strategy,
        Activity.unknown(redundancy.groups().size()),
        seed,
        threads,
        progress,
        observer);
  }

  /**
   * Folds the groups in place, as above.
   *
   * @param activity what channels do on the inputs of a repair that fits their readers
   */
  public static Outcome fold(
      TensorStore store,
      Optional<TensorStore> unread,
      Redundancy redundancy,
      int[] widths,
      Strategy strategy,
      Activity activity,
      long seed,
      int threads,
      Progress progress,
      ClusterObserver observer) {
    if (!redundancy.serves(strategy)) {
      throw new IllegalArgumentException("the redundancy is for another method or repair");
    }
    return Threads.run(
        threads,
        () ->
            new Folding(store, unread, strategy, activity, seed, threads)
                .run(redundancy, widths.clone(), progress, observer));
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
      Redundancy redundancy, int[] widths, Progress progress, ClusterObserver observer) {
    List<ChannelGroup> groups = redundancy.groups();
    List<Clustering> exact = redundancy.equivalent(widths);
    if (!exact.stream().allMatch(Clustering::isIdentity)) {
      watch.time("merge", () -> ClusterMerge.merge(store, unread, groups, exact));
    }
    List<ChannelGroup> distinct = MergedGroups.of(groups, exact);

    progress.begin("cluster", groups.size());
    List<GroupTrees.Found> found;
    TensorStore compared = store;
    if (strategy.networks() > 1) {
      UnionClusterer clusterer =
          new UnionClusterer(store, distinct, activity(exact), strategy, threads, watch, observer);
      found = clusterer.cluster(widths, progress);
      compared = clusterer.matched();
    } else {
      found =
          new GroupClusterer(
                  store,
                  strategy.method(),
                  seed,
                  redundancy,
                  activity(exact),
                  threads,
                  watch,
                  observer)
              .cluster(distinct, widths, progress);
    }
    List<Mixing> similar = found.stream().map(GroupTrees.Found::mixing).toList();

    boolean approximate = strategy.repair() == Repair.APPROXIMATE;
    ClusterMerge merge = new ClusterMerge(store, compared, unread, approximate, watch);
    ClusterMerge.Ratios[] ratios = merge.merge(distinct, similar);

    List<Clustering> clusterings = new ArrayList<>();
    List<GroupReport> reports = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      GroupTrees.Found f = found.get(g);
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
              widths[g] == groups.get(g).width() ? FULL_WIDTH : "",
              clusterings.getLast().sizeCounts()));
    }
    return new Outcome(clusterings, reports, watch);
  }

  /** What is known of the channels that are left once equivalent ones have merged. */
  private Activity activity(List<Clustering> exact) {
    return activity.of(
        exact.stream()
            .map(merged -> Arrays.stream(merged.members()).mapToInt(own -> own[0]).toArray())
            .toList());
  }
}
