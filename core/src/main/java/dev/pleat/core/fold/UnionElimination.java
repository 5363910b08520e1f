package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.ScaledChannels;
import dev.pleat.core.group.Slot;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.reconstruct.ChannelElimination;
import dev.pleat.core.reconstruct.FittedLoss;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lets channels of a union go instead of merging, where the layers that read them, once fitted,
 * lose less by that. Groups are chosen from the last to the first, and an output of a layer counts
 * as much as what reads it does: not at all once it is gone. So channels of one network stay
 * together, and where one network counts for less in the outputs, more of its channels go. Groups
 * of a residual stream read each other, hence several rounds.
 */
final class UnionElimination {
  private static final int ROUNDS = 2;

  /**
   * Of the squared norm of the features: below it, channels of several networks are as good as
   * equal, and their mean loses nothing that a fit would have to make up for.
   */
  private static final double ALIKE = 1e-2;

  private final TensorStore store;
  private final List<ChannelGroup> groups;
  private final Activity activity;
  private final int threads;

  /** What an error in each channel counts, as a root, by the groups of which channels went. */
  private final Map<Integer, double[]> importance = new TreeMap<>();

  /**
   * An elimination.
   *
   * @param store the union's tensors
   * @param activity what channels do on the inputs that their readers are fitted to
   */
  UnionElimination(TensorStore store, List<ChannelGroup> groups, Activity activity, int threads) {
    this.store = store;
    this.groups = groups;
    this.activity = activity;
    this.threads = threads;
  }

  /**
   * Puts what is left of a group in the place of its clusters, where that is better. J stays that
   * of the clusters.
   *
   * @param merged clusters of each group
   * @param widths channels that are left of each
   */
  List<GroupTrees.Found> instead(List<GroupTrees.Found> merged, int[] widths) {
    GroupTrees.Found[] found = merged.toArray(GroupTrees.Found[]::new);
    for (int round = 0; round < ROUNDS; round++) {
      for (int g = found.length - 1; g >= 0; g--) {
        Optional<GramMatrix> known = activity.toChooseBy(g, groups.get(g));
        if (widths[g] < groups.get(g).width() && known.isPresent()) {
          found[g] = left(g, known.get(), merged.get(g), widths[g]);
        }
      }
    }
    return List.of(found);
  }

  private GroupTrees.Found left(int g, GramMatrix covariance, GroupTrees.Found merged, int k) {
    ChannelGroup group = groups.get(g);
    if (merged.objective() <= ALIKE * merged.norm()) {
      return merged;
    }
    GramMatrix readers = WeightProducts.of(group, Role.CONSUMER::equals, weighed(group), threads);
    ChannelElimination.Survivors left =
        ChannelElimination.left(group.width(), covariance::get, readers::get, k);
    Clustering kept = Clustering.keep(left.channels(), group.width());
    FittedLoss loss = new FittedLoss(covariance, readers, BlasProvider.shared());
    boolean goes = loss.of(kept) < activity.advantage() * loss.of(merged.clustering());
    if (!goes) {
      importance.remove(g);
      return merged;
    }
    importance.put(g, importance(left, group.width()));
    return new GroupTrees.Found(Mixing.mean(kept), merged.objective(), merged.norm());
  }

  /** Roots of the squared norms of what reads each channel, 1 as a mean of their squares. */
  private static double[] importance(ChannelElimination.Survivors left, int width) {
    double[] squares = new double[width];
    for (int channel : left.channels()) {
      squares[channel] = Math.max(0, left.norms()[channel]);
    }
    double mean = Arrays.stream(squares).sum() / left.channels().length;
    return mean > 0
        ? Arrays.stream(squares).map(square -> Math.sqrt(square / mean)).toArray()
        : new double[width];
  }

  /** The weights that read a group, each row as much as the channel counts that it makes. */
  private TensorStore weighed(ChannelGroup group) {
    TensorOverlay weighed = new TensorOverlay(store);
    for (Slot reader : WeightProducts.slots(group, Role.CONSUMER::equals, store)) {
      importance.forEach((made, counts) -> {
        FeatureScale scales = FeatureScale.of(groups.get(made), store);
        for (Slot slot : groups.get(made).slots(Role.PRODUCER)) {
          if (slot.tensor().equals(reader.tensor())) {
            double[] scale = scales.of(slot);
            double[] factors = counts.clone();
            for (int i = 0; i < scale.length; i++) {
              factors[i] *= scale[i];
            }
            weighed.write(
                reader.tensor(), ScaledChannels.of(weighed.read(reader.tensor()), slot, factors));
          }
        }
      });
    }
    return weighed;
  }
}
