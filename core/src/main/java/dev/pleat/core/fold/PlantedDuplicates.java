package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A proof that channels were traced rightly: some channels of each group are overwritten with
 * copies of others, which changes the function but not the shapes, and folding every copy into its
 * original must then change nothing at all. A producer or consumer that the trace missed, or a
 * layer that mixes channels, shows as a difference.
 */
public final class PlantedDuplicates {
  /**
   * One channel in this many becomes a copy: enough to show, few enough to keep the network alive.
   */
  private static final int EVERY = 16;

  private PlantedDuplicates() {}

  /**
   * For each group, which channels to make equal: pairs within a partition, equally many in each.
   *
   * @param seed of the choice
   */
  public static List<Clustering> choose(List<ChannelGroup> groups, long seed) {
    List<Clustering> pairs = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (ChannelGroup group : groups) {
      int[] clusterOf = new int[group.width()];
      Arrays.setAll(clusterOf, i -> i);
      for (int[] members : group.partitionMembers()) {
        shuffle(members, random);
        int copies = members.length < 2 ? 0 : Math.max(1, members.length / EVERY);
        for (int c = 0; c < copies && 2 * c + 1 < members.length; c++) {
          clusterOf[members[2 * c]] = members[2 * c + 1];
        }
      }
      pairs.add(Clustering.of(clusterOf));
    }
    return pairs;
  }

  private static void shuffle(int[] array, SplittableRandom random) {
    for (int i = array.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = array[i];
      array[i] = array[j];
      array[j] = swap;
    }
  }

  /** The tensors with every channel replaced by the lowest member of its cluster; columns stay. */
  public static TensorOverlay plant(
      TensorStore store, List<ChannelGroup> groups, List<Clustering> clusterings) {
    TensorOverlay planted = new TensorOverlay(store);
    for (int g = 0; g < groups.size(); g++) {
      for (Slot slot : groups.get(g).slots()) {
        if (slot.role() != Role.CONSUMER && !clusterings.get(g).isIdentity()) {
          planted.write(
              slot.tensor(), plant(planted.read(slot.tensor()), slot, clusterings.get(g)));
        }
      }
    }
    return planted;
  }

  /**
   * The tensors with every weight that reads a channel as far off as rounding may put it: what that
   * changes is what a network makes of rounding alone.
   *
   * @param seed of which are larger and which smaller
   */
  public static TensorOverlay rounded(TensorStore store, List<ChannelGroup> groups, long seed) {
    TensorOverlay rounded = new TensorOverlay(store);
    SplittableRandom random = new SplittableRandom(seed);
    for (ChannelGroup group : groups) {
      for (Slot slot : group.slots()) {
        if (slot.role() == Role.CONSUMER) {
          Tensor tensor = store.read(slot.tensor());
          float[] values = tensor.values().clone();
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextBoolean() ? Math.nextUp(values[i]) : Math.nextDown(values[i]);
          }
          rounded.write(slot.tensor(), new Tensor(tensor.shape(), values));
        }
      }
    }
    return rounded;
  }

  private static Tensor plant(Tensor tensor, Slot slot, Clustering clustering) {
    float[] values = tensor.values().clone();
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(clustering.channels());
    for (int[] members : clustering.members()) {
      for (int m = 1; m < members.length; m++) {
        for (int occurrence = 0; occurrence < positions[members[m]].length; occurrence++) {
          int from = view.start(positions[members[0]][occurrence]);
          int to = view.start(positions[members[m]][occurrence]);
          for (int o = 0; o < view.outer(); o++) {
            int offset = o * view.stride();
            System.arraycopy(tensor.values(), from + offset, values, to + offset, view.run());
          }
        }
      }
    }
    return new Tensor(tensor.shape(), values);
  }
}
