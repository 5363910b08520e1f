package dev.pleat.onnx.repair;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Channels of an axis that are fitted together: those of one chunk of a grouped layer that have
 * equally many positions each.
 *
 * @param positions positions of each channel
 * @param foldedPositions positions of each folded channel
 * @param clusterOf folded channel of each channel, −1 where it is dropped
 */
record ChannelSet(int[][] positions, int[][] foldedPositions, int[] clusterOf) {

  /** The sets of an axis whose layer falls into this many partitions. */
  static List<ChannelSet> of(FoldedAxis axis, int partitions) {
    int chunkSize = axis.length() / partitions;
    record Key(int chunk, int occurrences) {}
    Map<Key, List<Integer>> members = new LinkedHashMap<>();
    for (int u = 0; u < axis.units().length; u++) {
      int[] positions = axis.units()[u];
      Key key = new Key(positions[0] / chunkSize, positions.length);
      members.computeIfAbsent(key, k -> new ArrayList<>()).add(u);
    }
    return members.values().stream().map(units -> of(axis, units)).toList();
  }

  private static ChannelSet of(FoldedAxis axis, List<Integer> units) {
    int[] folded =
        units.stream()
            .mapToInt(u -> axis.clusterOf()[u])
            .filter(v -> v >= 0)
            .distinct()
            .sorted()
            .toArray();
    return new ChannelSet(
        units.stream().map(u -> axis.units()[u]).toArray(int[][]::new),
        Arrays.stream(folded).mapToObj(v -> axis.foldedUnits()[v]).toArray(int[][]::new),
        units.stream()
            .mapToInt(u -> axis.clusterOf()[u])
            .map(v -> v < 0 ? -1 : Arrays.binarySearch(folded, v))
            .toArray());
  }

  /** Positions of each channel. */
  int occurrences() {
    return positions[0].length;
  }

  /** Channels in the original. */
  int channels() {
    return positions.length;
  }

  /** Channels in the folded network. */
  int foldedChannels() {
    return foldedPositions.length;
  }
}
