package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.ChannelPath;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.FeatureMerging;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.KMeans;
import dev.pleat.core.cluster.MagnitudePruning;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.cluster.RandomClustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelElimination;
import dev.pleat.core.reconstruct.FittedLoss;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Chooses the clusters of each group by the method that was asked for. */
final class GroupClusterer {
  /** Of the squared norm of the features; a hundredth of noise on equal heads stays below it. */
  private static final double ALIKE = 1e-3;

  /** Columns of the weights that are read at once for their norms. */
  private static final int BLOCK = 512;

  private final TensorStore store;
  private final Method asked;
  private final long seed;
  private final Redundancy redundancy;
  private final Activity activity;
  private final int threads;
  private final Stopwatch watch;
  private final ClusterObserver observer;

  /**
   * A clusterer of groups.
   *
   * @param activity what channels do on the inputs of a repair that fits their readers
   */
  GroupClusterer(
      TensorStore store,
      Method asked,
      long seed,
      Redundancy redundancy,
      Activity activity,
      int threads,
      Stopwatch watch,
      ClusterObserver observer) {
    this.store = store;
    this.asked = asked;
    this.seed = seed;
    this.redundancy = redundancy;
    this.activity = activity;
    this.threads = threads;
    this.watch = watch;
    this.observer = observer;
  }

  /**
   * Clusters of the groups.
   *
   * @param groups with the equivalent channels merged that the widths ask for
   */
  List<GroupTrees.Found> cluster(List<ChannelGroup> groups, int[] widths, Progress progress) {
    GroupTrees.Found[] found = new GroupTrees.Found[groups.size()];
    GroupWork.run(
        groups,
        threads,
        watch,
        progress,
        (g, workers, work) -> found[g] = cluster(groups.get(g), widths[g], g, workers, work));
    return List.of(found);
  }

  private GroupTrees.Found cluster(
      ChannelGroup group, int k, int index, int workers, Stopwatch work) {
    if (k >= group.width()) {
      return GroupTrees.Found.whole(group.width());
    }
    GroupTrees trees = redundancy.withGram(index, workers, work);
    Method method = method(group, trees, k);
    GroupTrees.Found found =
        work.time("cluster", () -> found(method, group, trees, k, index, workers));
    observer.clustered(
        group.name(),
        trees.gram().orElseThrow(),
        found.clustering(),
        method.clusters() ? redundancy.curve(index) : List.of());
    return found;
  }

  /** Heads that are as good as equal merge; of others those with the smallest weights go. */
  private Method method(ChannelGroup group, GroupTrees trees, int k) {
    boolean merges =
        group.kind() == ChannelGroup.Kind.UNIT || trees.objective(k) <= ALIKE * trees.norm();
    return !asked.clusters() || merges ? asked : Method.L2;
  }

  private GroupTrees.Found found(
      Method method, ChannelGroup group, GroupTrees trees, int k, int index, int workers) {
    int share = k / group.partitions();
    return switch (method) {
      case FOLD -> folded(group, trees, k, index, workers);
      case WARD -> trees.cluster(share, (p, gram) -> trees.trees().get(p).cut(share));
      case KMEANS -> trees.cluster(share, (p, gram) -> KMeans.lloyd(gram, share, stream(index, p)));
      case HARTIGAN ->
          trees.cluster(share, (p, gram) -> KMeans.hartigan(gram, share, stream(index, p)));
      case RANDOM ->
          trees.cluster(
              share, (p, gram) -> RandomClustering.of(gram.size(), share, stream(index, p)));
      case L1 -> pruned(group, trees, share, 1);
      case L2 -> pruned(group, trees, share, 2);
      case IFM -> merged(group, trees, share, workers);
      case INN -> resampled(trees, share);
      case AVERAGE, MATCH, ZIP ->
          throw new PleatException(
              "--method %s is for two or more networks: pleat merge A B -o OUT"
                  .formatted(method.spelling()));
      case WANDA ->
          throw new PleatException(
              "--method wanda scores the neurons of language models on text, and group %s is none of those; give fold, l1, l2 or random"
                  .formatted(group.name()));
    };
  }

  /**
   * The clusters of the least J; where it is known what channels do on inputs, some of them go
   * instead if the layers that read them, once fitted, lose less by that. J stays that of the
   * clusters.
   */
  private GroupTrees.Found folded(
      ChannelGroup group, GroupTrees trees, int k, int index, int workers) {
    GroupTrees.Found merged = trees.fold(k);
    Optional<GramMatrix> known = activity.toChooseBy(index, group);
    if (known.isEmpty()) {
      return merged;
    }
    GramMatrix covariance = known.get();
    GramMatrix readers = WeightProducts.of(group, role -> role == Role.CONSUMER, store, workers);
    int[] kept = ChannelElimination.survivors(group.width(), covariance::get, readers::get, k);
    Clustering left = Clustering.keep(kept, group.width());
    FittedLoss loss = new FittedLoss(covariance, readers, BlasProvider.shared());
    boolean goes = activity.goes() || loss.of(left) < loss.of(merged.clustering());
    return goes
        ? new GroupTrees.Found(Mixing.mean(left), merged.objective(), merged.norm())
        : merged;
  }

  private long stream(int index, int partition) {
    return seed + index * 31L + partition;
  }

  private GroupTrees.Found pruned(ChannelGroup group, GroupTrees trees, int share, int power) {
    return trees.cluster(
        share, (p, gram) -> MagnitudePruning.of(norms(group, trees.partitions()[p], power), share));
  }

  private GroupTrees.Found merged(ChannelGroup group, GroupTrees trees, int share, int workers) {
    GramMatrix rows = WeightProducts.of(group, role -> role != Role.CONSUMER, store, workers);
    GramMatrix columns = WeightProducts.of(group, role -> role == Role.CONSUMER, store, workers);
    GroupTrees.Found found =
        trees.cluster(
            share,
            (p, gram) -> {
              int[] members = trees.partitions()[p];
              return FeatureMerging.of(rows.submatrix(members), columns.submatrix(members), share);
            });
    return trees.found(Mixing.sum(found.clustering()));
  }

  private static GroupTrees.Found resampled(GroupTrees trees, int share) {
    int[][] paths = trees.partitions().clone();
    for (int p = 0; p < paths.length; p++) {
      int[] members = paths[p];
      paths[p] = Arrays.stream(ChannelPath.of(trees.part(p))).map(i -> members[i]).toArray();
    }
    return trees.found(Mixing.resampled(paths, share));
  }

  private double[] norms(ChannelGroup group, int[] members, int power) {
    List<Slot> weights = WeightProducts.slots(group, Role.PRODUCER::equals, store);
    SlotFeatures rows = new SlotFeatures(group.width(), weights, store);
    double[] sums = new double[group.width()];
    float[] block = new float[Math.multiplyExact(group.width(), BLOCK)];
    for (long from = 0; from < rows.columns(); from += BLOCK) {
      int count = (int) Math.min(BLOCK, rows.columns() - from);
      rows.copy(from, count, block);
      for (int i = 0; i < sums.length; i++) {
        for (int j = i * count; j < (i + 1) * count; j++) {
          sums[i] += power == 1 ? Math.abs(block[j]) : (double) block[j] * block[j];
        }
      }
    }
    return Arrays.stream(members).mapToDouble(i -> sums[i]).toArray();
  }
}
