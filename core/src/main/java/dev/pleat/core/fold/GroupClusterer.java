package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.MagnitudePruning;
import dev.pleat.core.cluster.RandomClustering;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

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
  private final int threads;
  private final Stopwatch watch;
  private final ClusterObserver observer;

  GroupClusterer(
      TensorStore store,
      Method asked,
      long seed,
      Redundancy redundancy,
      int threads,
      Stopwatch watch,
      ClusterObserver observer) {
    this.store = store;
    this.asked = asked;
    this.seed = seed;
    this.redundancy = redundancy;
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
      return new GroupTrees.Found(Clustering.identity(group.width()), 0, 0);
    }
    GroupTrees trees = redundancy.withGram(index, workers, work);
    Method method = method(group, trees, k);
    boolean folds = method == Method.FOLD;
    GroupTrees.Found found =
        work.time(
            "cluster",
            () ->
                folds
                    ? trees.fold(k)
                    : trees.cluster(
                        k / group.partitions(),
                        (p, gram) ->
                            baseline(method, group, trees.partitions()[p], k, index * 31L + p)));
    observer.clustered(
        group.name(),
        trees.gram().orElseThrow(),
        found.clustering(),
        folds ? redundancy.curve(index) : List.of());
    return found;
  }

  /** Heads that are as good as equal merge; of others those with the smallest weights go. */
  private Method method(ChannelGroup group, GroupTrees trees, int k) {
    boolean merges =
        group.kind() == ChannelGroup.Kind.UNIT || trees.objective(k) <= ALIKE * trees.norm();
    return asked != Method.FOLD || merges ? asked : Method.L2;
  }

  private Clustering baseline(
      Method method, ChannelGroup group, int[] members, int k, long stream) {
    int share = k / group.partitions();
    return switch (method) {
      case FOLD -> throw new IllegalStateException("folding is no baseline");
      case RANDOM -> RandomClustering.of(members.length, share, seed + stream);
      case L1 -> MagnitudePruning.of(norms(group, members, 1), share);
      case L2 -> MagnitudePruning.of(norms(group, members, 2), share);
      case AVERAGE, MATCH ->
          throw new PleatException(
              "--method %s is for two or more networks: pleat merge A B -o OUT"
                  .formatted(method.name().toLowerCase(Locale.ROOT)));
      case WANDA ->
          throw new PleatException(
              "--method wanda scores the neurons of language models on text, and group %s is none of those; give fold, l1, l2 or random"
                  .formatted(group.name()));
    };
  }

  private double[] norms(ChannelGroup group, int[] members, int power) {
    List<Slot> weights =
        group.slots(Role.PRODUCER).stream()
            .filter(slot -> store.shape(slot.tensor()).length > 1)
            .toList();
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
