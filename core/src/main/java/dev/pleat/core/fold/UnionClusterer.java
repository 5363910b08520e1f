package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.Assignment;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.GreedyPairs;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;

/**
 * Clusters the groups of a union of networks (2502.10216, section on networks of one architecture).
 * Channels of different networks read different channels, so their rows have nothing in common
 * until those have merged: the groups are clustered in network order, each by the rows whose inputs
 * have, and then again by everything that describes a channel while all other groups stay as they
 * are, as weight matching does (Git Re-Basin, 2209.04836, algorithm 1).
 */
final class UnionClusterer {
  /** Times that each group is clustered once every other has been. */
  private static final int ROUNDS = 2;

  private final TensorStore store;
  private final List<ChannelGroup> groups;
  private final Strategy strategy;
  private final int threads;
  private final Stopwatch watch;
  private final ClusterObserver observer;
  private final MatchedTensors matched;
  private final Activity activity;

  /**
   * A clusterer of a union.
   *
   * @param activity what channels do on the inputs of the repair, where that is known
   */
  UnionClusterer(
      TensorStore store,
      List<ChannelGroup> groups,
      Activity activity,
      Strategy strategy,
      int threads,
      Stopwatch watch,
      ClusterObserver observer) {
    this.store = store;
    this.groups = groups;
    this.activity = activity;
    this.strategy = strategy;
    this.threads = threads;
    this.watch = watch;
    this.observer = observer;
    this.matched = new MatchedTensors(store, groups);
  }

  /**
   * Clusters of the groups.
   *
   * @param widths channels that are left of each
   * @throws PleatException when the method keeps other widths
   */
  List<GroupTrees.Found> cluster(int[] widths, Progress progress) {
    GroupTrees.Found[] found = new GroupTrees.Found[groups.size()];
    int rounds = strategy.method() == Method.AVERAGE ? 0 : ROUNDS;
    for (int round = 0; round <= rounds; round++) {
      for (int g = 0; g < found.length; g++) {
        found[g] = cluster(g, widths[g], round, round == rounds);
        matched.set(g, found[g].clustering());
        if (round == rounds) {
          progress.step();
        }
      }
    }
    return List.of(found);
  }

  /** The tensors with the columns that read clusters added up, in their old shapes. */
  TensorStore matched() {
    return matched.read();
  }

  private GroupTrees.Found cluster(int g, int k, int round, boolean last) {
    ChannelGroup group = groups.get(g);
    if (k >= group.width()) {
      return GroupTrees.Found.whole(group.width());
    }
    SlotFeatures features =
        new SlotFeatures(
            group.width(),
            round == 0 ? comparable(group) : described(group),
            matched.without(g, group),
            FeatureScale.of(group, store));
    GramMatrix gram =
        watch.time(
            "gram",
            () ->
                GramMatrix.of(features, BlasProvider.shared(), GroupWork.workers(group, threads)));
    GroupTrees trees = watch.time("cluster", () -> GroupTrees.of(group, gram));
    GroupTrees.Found found = watch.time("cluster", () -> clusters(g, group, trees, k));
    if (last) {
      observer.clustered(group.name(), gram, found.clustering(), List.of());
    }
    return found;
  }

  private GroupTrees.Found clusters(int g, ChannelGroup group, GroupTrees trees, int k) {
    if (!strategy.method().ofUnions()) {
      return trees.fold(k);
    }
    if (strategy.method() == Method.ZIP && activity.of(g).isPresent()) {
      return zipped(trees, correlations(activity.of(g).get()), k);
    }
    if (k * strategy.networks() != group.width()) {
      throw new PleatException(
          "--method %s keeps the width of one network, %d of group %s, not %d; leave out --channels and --width"
              .formatted(
                  strategy.method().spelling(),
                  group.width() / strategy.networks(),
                  group.name(),
                  k));
    }
    return trees.cluster(
        k / group.partitions(),
        (p, gram) ->
            strategy.method() == Method.AVERAGE
                ? pairs(gram.size(), ofNumbers(gram.size()))
                : pairs(gram.size(), assigned(gram)));
  }

  private static GroupTrees.Found zipped(GroupTrees trees, GramMatrix correlations, int k) {
    int share = k / trees.partitions().length;
    return trees.cluster(
        share, (p, unused) -> GreedyPairs.of(correlations.submatrix(trees.partitions()[p]), share));
  }

  /** 0 with a channel that does not vary, 1 of each with itself. */
  private static GramMatrix correlations(GramMatrix covariance) {
    int n = covariance.size();
    float[] correlations = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double both = Math.sqrt(covariance.get(i, i)) * Math.sqrt(covariance.get(j, j));
        float known = both > 0 ? (float) (covariance.get(i, j) / both) : 0;
        correlations[i * n + j] = i == j ? 1 : known;
      }
    }
    return GramMatrix.of(n, correlations);
  }

  private static List<Slot> described(ChannelGroup group) {
    return group.slots().stream().filter(slot -> slot.role() != Role.STATISTIC).toList();
  }

  /** What can be compared while only the groups before have merged. */
  private List<Slot> comparable(ChannelGroup group) {
    List<Slot> made =
        described(group).stream().filter(slot -> slot.role() != Role.CONSUMER).toList();
    List<Slot> ready = made.stream().filter(matched::isMatched).toList();
    boolean weights = ready.stream().anyMatch(slot -> store.shape(slot.tensor()).length > 1);
    return weights ? ready : made;
  }

  /** Channels of one number: {@code [network][number]}, numbers as they are. */
  private int[][] ofNumbers(int channels) {
    int[][] order = new int[strategy.networks()][channels / strategy.networks()];
    for (int[] numbers : order) {
      Arrays.setAll(numbers, i -> i);
    }
    return order;
  }

  /** For each network, which of its channels goes with channel i of the first. */
  private int[][] assigned(GramMatrix gram) {
    int networks = strategy.networks();
    int[][] order = ofNumbers(gram.size());
    for (int m = 1; m < networks; m++) {
      double[][] cost = new double[order[0].length][order[0].length];
      for (int i = 0; i < cost.length; i++) {
        for (int j = 0; j < cost.length; j++) {
          for (int other = 0; other < m; other++) {
            cost[i][j] -= gram.get(order[other][i] * networks + other, j * networks + m);
          }
        }
      }
      order[m] = Assignment.of(cost);
    }
    return order;
  }

  private static Clustering pairs(int channels, int[][] order) {
    int[] labels = new int[channels];
    for (int m = 0; m < order.length; m++) {
      for (int i = 0; i < order[m].length; i++) {
        labels[order[m][i] * order.length + m] = i;
      }
    }
    return Clustering.of(labels);
  }
}
