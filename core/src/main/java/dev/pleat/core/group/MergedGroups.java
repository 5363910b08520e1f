package dev.pleat.core.group;

import dev.pleat.core.cluster.Clustering;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Channel groups as they are once their channels, and every slot's tensor with them, have been
 * merged.
 */
public final class MergedGroups {
  private record Axis(String tensor, int axis) {}

  private final List<ChannelGroup> groups;
  private final List<Clustering> clusterings;

  /** Positions of each axis that remain. */
  private final Map<Axis, boolean[]> kept = new HashMap<>();

  private MergedGroups(List<ChannelGroup> groups, List<Clustering> clusterings) {
    this.groups = groups;
    this.clusterings = clusterings;
    for (int g = 0; g < groups.size(); g++) {
      for (Slot slot : groups.get(g).slots()) {
        boolean[] mask = kept.computeIfAbsent(axis(slot), a -> all(slot.channels().length));
        for (int p = 0; p < mask.length; p++) {
          int channel = slot.channels()[p];
          mask[p] &= channel < 0 || clusterings.get(g).isRepresentative(channel);
        }
      }
    }
  }

  private static boolean[] all(int size) {
    boolean[] mask = new boolean[size];
    Arrays.fill(mask, true);
    return mask;
  }

  private static Axis axis(Slot slot) {
    return new Axis(slot.tensor(), slot.axis());
  }

  /**
   * The groups after merging.
   *
   * @param clusterings one for each group, dropping nothing; members of a cluster share a partition
   *     and every partition has equally many clusters
   */
  public static List<ChannelGroup> of(List<ChannelGroup> groups, List<Clustering> clusterings) {
    MergedGroups merged = new MergedGroups(groups, clusterings);
    List<ChannelGroup> result = new ArrayList<>();
    for (int g = 0; g < groups.size(); g++) {
      result.add(merged.group(g));
    }
    return List.copyOf(result);
  }

  private ChannelGroup group(int g) {
    ChannelGroup group = groups.get(g);
    Clustering clustering = clusterings.get(g);
    int[] partition = new int[clustering.count()];
    for (int i = 0; i < group.width(); i++) {
      partition[clustering.clusterOf(i)] = group.partition()[i];
    }
    return new ChannelGroup(
        group.name(),
        clustering.count(),
        group.partitions(),
        partition,
        group.slots().stream().map(slot -> slot(slot, clustering)).toList(),
        group.normalizations().stream().map(n -> n.map(slot -> slot(slot, clustering))).toList(),
        group.kind());
  }

  private Slot slot(Slot slot, Clustering clustering) {
    boolean[] mask = kept.getOrDefault(axis(slot), all(slot.channels().length));
    int[] channels = new int[slot.channels().length];
    int size = 0;
    for (int p = 0; p < mask.length; p++) {
      if (mask[p]) {
        int channel = slot.channels()[p];
        channels[size++] = channel < 0 ? channel : clustering.clusterOf(channel);
      }
    }
    return new Slot(
        slot.tensor(), slot.axis(), slot.role(), Arrays.copyOf(channels, size), slot.partitions());
  }
}
