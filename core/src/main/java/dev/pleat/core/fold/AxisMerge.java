package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.Mixing;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Mixes the channels of one tensor axis. Sums run in double. All groups that have channels on the
 * axis are mixed at once, since each moves the positions of the others.
 */
final class AxisMerge {

  /**
   * One group's share of the axis.
   *
   * @param weights of the mixing on this axis, by channel that is left
   * @param scale factor of each channel before merging, applied only where two or more are mixed
   */
  record Part(Slot slot, Mixing mixing, double[][] weights, double[] scale) {}

  /** The positions that go into one position of the merged axis. */
  private record Source(int[] positions, double[] factors) {
    boolean isCopy() {
      return positions.length == 1 && factors[0] == 1;
    }
  }

  private final List<Source> sources = new ArrayList<>();
  private final int axis;
  private final int partitions;

  private AxisMerge(List<Part> parts) {
    Slot first = parts.getFirst().slot;
    this.axis = first.axis();
    this.partitions = first.partitions();
    int[][][] positions = new int[parts.size()][][];
    int[][] seen = new int[parts.size()][];
    for (int i = 0; i < parts.size(); i++) {
      int channels = parts.get(i).mixing.clustering().channels();
      positions[i] = parts.get(i).slot.positions(channels);
      seen[i] = new int[channels];
    }
    for (int p = 0; p < first.channels().length; p++) {
      int owner = owner(parts, p);
      if (owner < 0) {
        sources.add(new Source(new int[] {p}, new double[] {1}));
        continue;
      }
      Part part = parts.get(owner);
      Clustering clustering = part.mixing.clustering();
      int channel = part.slot.channels()[p];
      if (clustering.isRepresentative(channel)) {
        int occurrence = seen[owner][channel]++;
        sources.add(source(part, clustering.clusterOf(channel), positions[owner], occurrence));
      }
    }
  }

  private static Source source(Part part, int cluster, int[][] positions, int occurrence) {
    int[] mixed = part.mixing.sources()[cluster];
    double[] weights = part.weights[cluster];
    int[] from = new int[mixed.length];
    double[] factors = new double[mixed.length];
    for (int m = 0; m < from.length; m++) {
      from[m] = positions[mixed[m]][occurrence];
      factors[m] = mixed.length == 1 ? weights[m] : weights[m] * part.scale[mixed[m]];
    }
    return new Source(from, factors);
  }

  private static int owner(List<Part> parts, int position) {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).slot.channels()[position] >= 0) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The tensor with the axis merged. A cluster takes the place of its lowest member; positions of
   * dropped channels vanish, positions outside all groups stay. A channel that is mixed of nothing
   * but itself keeps its values bit for bit.
   *
   * @param parts slots of one axis of the tensor, with the same partitions
   */
  static Tensor merge(Tensor tensor, List<Part> parts) {
    return new AxisMerge(parts).apply(tensor);
  }

  private Tensor apply(Tensor tensor) {
    int size = sources.size() / partitions;
    int[] shape = tensor.shape().clone();
    shape[axis] = size;
    AxisView from = AxisView.of(tensor.shape(), axis, partitions);
    AxisView to = AxisView.of(shape, axis, partitions);
    float[] in = tensor.values();
    float[] out = new float[partitions * to.chunk()];
    if (from.run() == 1) {
      applySingles(in, from, out, to);
      return new Tensor(shape, out);
    }
    double[] sum = new double[from.run()];
    for (int chunk = 0; chunk < partitions; chunk++) {
      for (int o = 0; o < from.outer(); o++) {
        for (int q = chunk * size; q < (chunk + 1) * size; q++) {
          Source source = sources.get(q);
          int target = to.start(q) + o * to.stride();
          if (source.isCopy()) {
            System.arraycopy(
                in, from.start(source.positions[0]) + o * from.stride(), out, target, from.run());
            continue;
          }
          Arrays.fill(sum, 0);
          for (int m = 0; m < source.positions.length; m++) {
            int start = from.start(source.positions[m]) + o * from.stride();
            double factor = source.factors[m];
            for (int r = 0; r < sum.length; r++) {
              sum[r] += factor * in[start + r];
            }
          }
          for (int r = 0; r < sum.length; r++) {
            out[target + r] = (float) sum[r];
          }
        }
      }
    }
    return new Tensor(shape, out);
  }

  /** The same where a position is one element at a time: sources are laid out for a fast loop. */
  private void applySingles(float[] in, AxisView from, float[] out, AxisView to) {
    int[] begin = new int[sources.size() + 1];
    for (int q = 0; q < sources.size(); q++) {
      begin[q + 1] = begin[q] + sources.get(q).positions.length;
    }
    int[] starts = new int[begin[sources.size()]];
    double[] factors = new double[starts.length];
    int[] targets = new int[sources.size()];
    for (int q = 0; q < targets.length; q++) {
      Source source = sources.get(q);
      targets[q] = to.start(q);
      for (int m = 0; m < source.positions.length; m++) {
        starts[begin[q] + m] = from.start(source.positions[m]);
        factors[begin[q] + m] = source.factors[m];
      }
    }
    for (int o = 0; o < from.outer(); o++) {
      int read = o * from.stride();
      int write = o * to.stride();
      for (int q = 0; q < targets.length; q++) {
        int first = begin[q];
        if (begin[q + 1] == first + 1 && factors[first] == 1) {
          out[targets[q] + write] = in[starts[first] + read];
          continue;
        }
        double sum = 0;
        for (int m = first; m < begin[q + 1]; m++) {
          sum += factors[m] * in[starts[m] + read];
        }
        out[targets[q] + write] = (float) sum;
      }
    }
  }
}
