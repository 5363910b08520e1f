package dev.pleat.core.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.HartiganRefinement;
import dev.pleat.core.cluster.MagnitudePruning;
import dev.pleat.core.cluster.Objective;
import dev.pleat.core.cluster.RandomClustering;
import dev.pleat.core.cluster.WardTree;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Chooses the clusters of each group by the method that was asked for. */
final class GroupClusterer {
  /**
   * Groups this wide keep every thread busy on their own; narrower ones are worked on side by side.
   */
  private static final int WIDE = 1024;

  private final TensorStore store;
  private final FoldOptions options;
  private final int threads;
  private final boolean normalized;
  private final Stopwatch watch;
  private final Stopwatch work = new Stopwatch();

  /**
   * Clusters of one group.
   *
   * @param objective J
   * @param norm squared norm of the features, J's upper limit
   */
  record Found(Clustering clustering, double objective, double norm) {}

  GroupClusterer(
      TensorStore store, FoldOptions options, boolean normalized, int threads, Stopwatch watch) {
    this.store = store;
    this.normalized = normalized;
    this.options = options;
    this.threads = threads;
    this.watch = watch;
  }

  List<Found> cluster(List<ChannelGroup> groups, int[] widths, Progress progress) {
    long start = System.nanoTime();
    Found[] found = new Found[groups.size()];
    IntStream all = IntStream.range(0, found.length);
    int[] narrow = all.filter(g -> groups.get(g).width() < WIDE).toArray();
    Arrays.stream(narrow)
        .parallel()
        .forEach(g -> found[g] = step(groups.get(g), widths[g], g, 1, progress));
    for (int g = 0; g < found.length; g++) {
      if (groups.get(g).width() >= WIDE) {
        found[g] = step(groups.get(g), widths[g], g, threads, progress);
      }
    }
    // Groups are worked on side by side: the time of the clock is shared out by the work done.
    double wall = (System.nanoTime() - start) / 1e9;
    double sum = work.seconds("gram") + work.seconds("cluster");
    watch.add("gram", sum > 0 ? wall * work.seconds("gram") / sum : 0);
    watch.add("cluster", sum > 0 ? wall * work.seconds("cluster") / sum : 0);
    return List.of(found);
  }

  private Found step(ChannelGroup group, int k, int index, int workers, Progress progress) {
    Found found = cluster(group, k, index, workers);
    synchronized (progress) {
      progress.step();
    }
    return found;
  }

  private Found cluster(ChannelGroup group, int k, int index, int workers) {
    if (k >= group.width()) {
      return new Found(Clustering.identity(group.width()), 0, 0);
    }
    GramMatrix gram = work.time("gram", () -> gram(store, group, normalized, workers));
    return work.time(
        "cluster",
        () -> {
          int[][] partitions = group.partitionMembers();
          int[] clusterOf = new int[group.width()];
          int share = k / partitions.length;
          for (int p = 0; p < partitions.length; p++) {
            int[] members = partitions[p];
            GramMatrix part = partitions.length == 1 ? gram : gram.submatrix(members);
            Clustering clustering = clusters(group, part, members, share, index * 31L + p);
            for (int i = 0; i < members.length; i++) {
              int cluster = clustering.clusterOf(i);
              clusterOf[members[i]] = cluster < 0 ? -1 : p * share + cluster;
            }
          }
          Clustering whole = Clustering.of(clusterOf);
          return new Found(whole, Objective.of(gram, whole), gram.trace());
        });
  }

  private Clustering clusters(
      ChannelGroup group, GramMatrix gram, int[] members, int k, long stream) {
    return switch (options.method()) {
      case FOLD -> HartiganRefinement.refine(gram, WardTree.of(gram).cut(k));
      case RANDOM -> RandomClustering.of(members.length, k, options.seed() + stream);
      case L1 -> MagnitudePruning.of(norms(group, members, 1), k);
      case L2 -> MagnitudePruning.of(norms(group, members, 2), k);
      case WANDA ->
          throw new PleatException(
              "--method wanda scores the neurons of language models on text, and group %s is none of those; give fold, l1, l2 or random"
                  .formatted(group.name()));
    };
  }

  /**
   * The Gram matrix of everything that describes a channel, running statistics apart.
   *
   * @param normalized whether batch normalisations count as moved into their producers, as they are
   *     when the statistics are repaired
   */
  static GramMatrix gram(TensorStore store, ChannelGroup group, boolean normalized, int workers) {
    List<Slot> slots =
        group.slots().stream().filter(slot -> slot.role() != Role.STATISTIC).toList();
    FeatureScale scale = normalized ? FeatureScale.of(group, store) : FeatureScale.NONE;
    return GramMatrix.of(
        new SlotFeatures(group.width(), slots, store, scale), BlasProvider.shared(), workers);
  }

  private double[] norms(ChannelGroup group, int[] members, int power) {
    List<Slot> weights =
        group.slots(Role.PRODUCER).stream()
            .filter(slot -> store.shape(slot.tensor()).length > 1)
            .toList();
    SlotFeatures rows = new SlotFeatures(group.width(), weights, store);
    int columns = Math.toIntExact(rows.columns());
    float[] values = new float[Math.multiplyExact(group.width(), columns)];
    rows.copy(0, columns, values);
    return Arrays.stream(members)
        .mapToDouble(i -> {
          double sum = 0;
          for (int j = i * columns; j < (i + 1) * columns; j++) {
            sum += power == 1 ? Math.abs(values[j]) : (double) values[j] * values[j];
          }
          return sum;
        })
        .toArray();
  }
}
