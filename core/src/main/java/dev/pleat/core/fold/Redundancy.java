package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.MergedGroups;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.report.InspectReport;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * What is known of a model's channels before any width is chosen, and serves every choice: which
 * channels are equivalent, and of what is left one Gram matrix and one Ward tree a group. The trees
 * are built when they are first asked for. Meanwhile the tensors must stay as they are, but for the
 * folds that are given this.
 */
public final class Redundancy {
  private final List<ChannelGroup> groups;
  private final boolean merging;
  private final boolean normalized;
  private final int threads;
  private final Stopwatch watch = new Stopwatch();
  private final List<Clustering> classes;
  private final List<ChannelGroup> distinct;
  private final TensorStore store;
  private final boolean[] kept;
  private final AtomicReferenceArray<GroupTrees> trees;

  private Redundancy(
      TensorStore original,
      List<ChannelGroup> groups,
      boolean merging,
      boolean normalized,
      long bytes,
      int threads) {
    this.groups = List.copyOf(groups);
    this.merging = merging;
    this.normalized = normalized;
    this.threads = threads;
    this.classes =
        merging
            ? watch.time(
                "cluster",
                () -> Threads.run(threads, () -> EquivalentChannels.find(groups, original)))
            : groups.stream().map(group -> Clustering.identity(group.width())).toList();
    List<Clustering> merges = equivalent(new int[groups.size()]);
    this.distinct = MergedGroups.of(groups, merges);
    TensorOverlay merged = new TensorOverlay(original);
    if (!merges.stream().allMatch(Clustering::isIdentity)) {
      watch.time("merge", () -> Folding.merge(merged, groups, merges));
    }
    this.store = merged;
    this.trees = new AtomicReferenceArray<>(groups.size());
    this.kept = new boolean[groups.size()];
    long sum = 0;
    for (int g = 0; g < kept.length; g++) {
      sum += (long) Float.BYTES * distinct.get(g).width() * distinct.get(g).width();
      kept[g] = sum <= bytes;
    }
  }

  /**
   * The redundancy of these groups for folds by such a strategy.
   *
   * @param store the model's tensors before folding
   * @param groups the foldable groups, disjoint
   * @param bytes of Gram matrices to keep for other widths, 0 for none; those beyond are computed
   *     again, to the same bits
   * @param threads threads to use, at least 1; the result does not depend on it
   */
  public static Redundancy of(
      TensorStore store, List<ChannelGroup> groups, Strategy strategy, long bytes, int threads) {
    return new Redundancy(
        store,
        groups,
        strategy.method().clusters(),
        strategy.features() == FeatureSpace.NORMALISED,
        bytes,
        threads);
  }

  /** Whether folds by this strategy can share this. */
  public boolean serves(Strategy strategy) {
    return merging == (strategy.method().clusters())
        && normalized == (strategy.features() == FeatureSpace.NORMALISED);
  }

  /** The groups as they were given. */
  public List<ChannelGroup> groups() {
    return groups;
  }

  /**
   * Builds all trees.
   *
   * @param progress told of each group once
   */
  public void prepare(Progress progress) {
    progress.begin("cluster", groups.size());
    Threads.run(
        threads,
        () -> {
          GroupWork.run(distinct, threads, watch, progress, this::withGram);
          return this;
        });
  }

  /**
   * The objective J of the clusters that the group's tree has at k channels, before refinement; 0
   * where only equivalent channels merge.
   *
   * @param k channels that are left, in [1, width]
   */
  public double objective(int group, int k) {
    return k >= distinct.get(group).width() ? 0 : trees(group).objective(k);
  }

  /** The squared norm of a group's features, the upper limit of J. */
  public double norm(int group) {
    return trees(group).norm();
  }

  /** J(k) of a group, k ascending, at most 64 points. */
  public List<InspectReport.Point> curve(int group) {
    return RedundancyCurve.of(
        groups.get(group).width(), groups.get(group).partitions(), k -> objective(group, k));
  }

  /** The width at the {@link RedundancyCurve#knee} of a group's curve, its own without one. */
  public int knee(int group) {
    return RedundancyCurve.knee(curve(group))
        .map(InspectReport.Point::k)
        .orElse(groups.get(group).width());
  }

  /** Wall-clock seconds that were spent apart from any fold, by the stages of a fold. */
  public Stopwatch watch() {
    return watch;
  }

  private GroupTrees trees(int group) {
    GroupTrees known = trees.get(group);
    return known == null
        ? withGram(group, GroupWork.workers(distinct.get(group), threads), watch)
        : known;
  }

  /** The trees of a group together with its Gram matrix. */
  GroupTrees withGram(int group, int workers, Stopwatch work) {
    GroupTrees known = trees.get(group);
    if (known != null && known.gram().isPresent()) {
      return known;
    }
    GramMatrix gram = work.time("gram", () -> gram(distinct.get(group), workers));
    GroupTrees made =
        known == null
            ? work.time("cluster", () -> GroupTrees.of(distinct.get(group), gram))
            : known.with(Optional.of(gram));
    trees.set(group, kept[group] ? made : made.with(Optional.empty()));
    return made;
  }

  /** The Gram matrix of everything that describes a channel, running statistics apart. */
  private GramMatrix gram(ChannelGroup group, int workers) {
    List<Slot> slots =
        group.slots().stream().filter(slot -> slot.role() != Role.STATISTIC).toList();
    FeatureScale scale = normalized ? FeatureScale.of(group, store) : FeatureScale.NONE;
    return GramMatrix.of(
        new SlotFeatures(group.width(), slots, store, scale), BlasProvider.shared(), workers);
  }

  /**
   * For each group, its equivalent channels merged as far as the widths ask for it. Where channels
   * are left that the widths do not want, every equivalent one has merged.
   */
  List<Clustering> equivalent(int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(g -> EquivalentMerge.of(groups.get(g), classes.get(g), widths[g]))
        .toList();
  }
}
