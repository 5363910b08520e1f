package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;

/**
 * Merges the channels of one tensor axis: the mean of each cluster {@code (UᵀU)⁻¹UᵀW} where channels are
 * made, the sum {@code WU} where they are read (method folding, section 3). Sums run in double.
 */
final class AxisMerge {
  private AxisMerge() {}

  /**
   * The tensor with the slot's axis merged. A cluster takes the place of its lowest member; positions
   * of dropped channels vanish, positions outside the group stay. A cluster of one channel keeps its
   * values bit for bit.
   *
   * @param scale factor of each channel before merging, applied only in clusters of two or more
   */
  static Tensor merge(Tensor tensor, Slot slot, Clustering clustering, double[] scale) {
    int[][] sources = sources(slot, clustering);
    int partitions = slot.partitions();
    int size = sources.length / partitions;
    int[] shape = tensor.shape().clone();
    shape[slot.axis()] = size;
    AxisView from = AxisView.of(tensor.shape(), slot.axis(), partitions);
    AxisView to = AxisView.of(shape, slot.axis(), partitions);
    float[] in = tensor.values();
    float[] out = new float[partitions * to.chunk()];
    boolean mean = slot.role() != Role.CONSUMER;
    int[] channels = slot.channels();
    double[] sum = new double[from.run()];
    for (int chunk = 0; chunk < partitions; chunk++) {
      for (int o = 0; o < from.outer(); o++) {
        for (int q = chunk * size; q < (chunk + 1) * size; q++) {
          int[] source = sources[q];
          int target = to.start(q) + o * to.stride();
          if (source.length == 1) {
            System.arraycopy(
                in, from.start(source[0]) + o * from.stride(), out, target, from.run());
            continue;
          }
          java.util.Arrays.fill(sum, 0);
          for (int p : source) {
            int start = from.start(p) + o * from.stride();
            double factor = scale[channels[p]];
            for (int r = 0; r < sum.length; r++) {
              sum[r] += factor * in[start + r];
            }
          }
          double divisor = mean ? source.length : 1;
          for (int r = 0; r < sum.length; r++) {
            out[target + r] = (float) (sum[r] / divisor);
          }
        }
      }
    }
    return new Tensor(shape, out);
  }

  /** For each position of the merged axis, the positions that go into it. */
  private static int[][] sources(Slot slot, Clustering clustering) {
    int[][] members = clustering.members();
    int[][] positions = slot.positions(clustering.channels());
    int[] seen = new int[clustering.channels()];
    int[] channels = slot.channels();
    java.util.List<int[]> sources = new java.util.ArrayList<>(channels.length);
    for (int p = 0; p < channels.length; p++) {
      int channel = channels[p];
      if (channel < 0) {
        sources.add(new int[] {p});
        continue;
      }
      int cluster = clustering.clusterOf(channel);
      if (cluster < 0 || members[cluster][0] != channel) {
        continue;
      }
      int occurrence = seen[channel]++;
      int[] cell = new int[members[cluster].length];
      for (int m = 0; m < cell.length; m++) {
        cell[m] = positions[members[cluster][m]][occurrence];
      }
      sources.add(cell);
    }
    return sources.toArray(int[][]::new);
  }
}
