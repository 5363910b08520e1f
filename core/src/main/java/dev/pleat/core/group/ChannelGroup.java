package dev.pleat.core.group;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * All tensor axes that must shrink together because they index the same channels.
 *
 * @param name unique among the groups of a model
 * @param width number of channels
 * @param partitions the channels fall into this many sets of equal size, and only members of one set
 *     may merge, the same number of clusters in each: the chunks of a grouped convolution. 1 otherwise
 * @param partition set of each channel, in [0, partitions)
 * @param slots the axes, producers first seen first
 * @param normalizations the batch normalisations on these channels
 */
public record ChannelGroup(
    String name,
    int width,
    int partitions,
    int[] partition,
    List<Slot> slots,
    List<Normalization> normalizations) {

  /** Copies the lists. */
  public ChannelGroup {
    slots = List.copyOf(slots);
    normalizations = List.copyOf(normalizations);
  }

  /** The slots of one role. */
  public List<Slot> slots(Role role) {
    return slots.stream().filter(slot -> slot.role() == role).toList();
  }

  /** Channels of each partition, ascending: {@code [partitions][width / partitions]}. */
  public int[][] partitionMembers() {
    int[][] members = new int[partitions][width / partitions];
    int[] filled = new int[partitions];
    for (int i = 0; i < width; i++) {
      members[partition[i]][filled[partition[i]]++] = i;
    }
    return members;
  }

  /**
   * The group as it is once its channels have been merged and every slot's tensor with them.
   *
   * @param clusterOf cluster of each channel, numbered by lowest member; members share a partition and
   *     every partition has equally many
   * @param clusters number of clusters
   */
  public ChannelGroup merged(int[] clusterOf, int clusters) {
    int[] lowest = new int[clusters];
    Arrays.fill(lowest, -1);
    int[] mergedPartition = new int[clusters];
    for (int i = 0; i < width; i++) {
      int cluster = clusterOf[i];
      if (lowest[cluster] < 0) {
        lowest[cluster] = i;
        mergedPartition[cluster] = partition[i];
      }
    }
    UnaryOperator<Slot> merge =
        slot ->
            new Slot(
                slot.tensor(),
                slot.axis(),
                slot.role(),
                Arrays.stream(slot.channels())
                    .filter(i -> i < 0 || lowest[clusterOf[i]] == i)
                    .map(i -> i < 0 ? i : clusterOf[i])
                    .toArray(),
                slot.partitions());
    return new ChannelGroup(
        name,
        clusters,
        partitions,
        mergedPartition,
        slots.stream().map(merge).toList(),
        normalizations.stream().map(n -> n.map(merge)).toList());
  }
}
