package dev.pleat.core.group;

import java.util.List;

/**
 * All tensor axes that must shrink together because they index the same channels.
 *
 * @param name unique among the groups of a model
 * @param width number of channels
 * @param partitions the channels fall into this many sets of equal size, and only members of one
 *     set may merge, the same number of clusters in each: the chunks of a grouped convolution. 1
 *     otherwise
 * @param partition set of each channel, in [0, partitions)
 * @param slots the axes, producers first seen first
 * @param normalizations the batch normalisations on these channels
 * @param kind what a channel is
 */
public record ChannelGroup(
    String name,
    int width,
    int partitions,
    int[] partition,
    List<Slot> slots,
    List<Normalization> normalizations,
    Kind kind) {

  /** What a channel is. */
  public enum Kind {
    /** A filter's output, a neuron, or what else a layer makes of its input. */
    UNIT,
    /**
     * A head of attention with all its rows and columns. Heads are less alike than units: no mean
     * of heads that differ was found to keep as much of a model as the largest of them.
     */
    HEAD
  }

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
}
