package dev.pleat.onnx.repair;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the positions of a tensor axis go when its channels are merged. Positions that belong to no
 * channel stay, each a unit of its own; those of one channel are one unit.
 *
 * @param target position in the folded axis of each position, −1 where the channel is dropped
 * @param size positions of the folded axis
 * @param units positions of each channel, ascending
 * @param foldedUnits positions of each folded channel, ascending
 * @param clusterOf folded unit of each unit, {@link Clustering#DROPPED} for none
 */
record FoldedAxis(int[] target, int size, int[][] units, int[][] foldedUnits, int[] clusterOf) {

  /** One group's channels on the axis. */
  record Part(Slot slot, Clustering clustering) {}

  private record Channel(int part, int number) {}

  /**
   * The axis of a tensor.
   *
   * @param length positions, those of all partitions of a grouped layer together
   * @param parts the slots on it
   */
  static FoldedAxis of(int length, List<Part> parts) {
    Map<Channel, List<Integer>> units = new LinkedHashMap<>();
    Map<Channel, List<Integer>> folded = new LinkedHashMap<>();
    Channel[] owners = new Channel[length];
    int size = 0;
    for (int p = 0; p < length; p++) {
      Channel owner = owner(p, parts);
      owners[p] = owner;
      units.computeIfAbsent(owner, u -> new ArrayList<>()).add(p);
      boolean stays =
          owner.part < 0 || parts.get(owner.part).clustering.isRepresentative(owner.number);
      if (stays) {
        folded.computeIfAbsent(cluster(owner, parts), u -> new ArrayList<>()).add(size++);
      }
    }
    int[] target = new int[length];
    units.forEach((unit, positions) -> {
      List<Integer> to = folded.getOrDefault(cluster(unit, parts), List.of());
      for (int i = 0; i < positions.size(); i++) {
        target[positions.get(i)] = to.isEmpty() ? -1 : to.get(i);
      }
    });
    List<Channel> order = List.copyOf(folded.keySet());
    int[] clusterOf =
        units.keySet().stream().mapToInt(unit -> order.indexOf(cluster(unit, parts))).toArray();
    return new FoldedAxis(target, size, arrays(units), arrays(folded), clusterOf);
  }

  private static Channel owner(int position, List<Part> parts) {
    for (int i = 0; i < parts.size(); i++) {
      int channel = parts.get(i).slot.channels()[position];
      if (channel >= 0) {
        return new Channel(i, channel);
      }
    }
    return new Channel(-1, position);
  }

  /** The folded channel, numbered by its cluster. */
  private static Channel cluster(Channel channel, List<Part> parts) {
    return channel.part < 0
        ? channel
        : new Channel(channel.part, parts.get(channel.part).clustering.clusterOf(channel.number));
  }

  private static int[][] arrays(Map<Channel, List<Integer>> lists) {
    return lists.values().stream()
        .map(list -> list.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  /** Positions of the axis before folding. */
  int length() {
    return target.length;
  }

  /** Mean of the values of the positions that become one; {@code values} has one for each. */
  double[] mean(double[] values) {
    double[] sum = new double[size];
    int[] count = new int[size];
    for (int p = 0; p < target.length; p++) {
      if (target[p] >= 0) {
        sum[target[p]] += values[p];
        count[target[p]]++;
      }
    }
    Arrays.setAll(sum, q -> sum[q] / count[q]);
    return sum;
  }
}
