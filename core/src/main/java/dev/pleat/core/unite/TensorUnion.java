package dev.pleat.core.unite;

import dev.pleat.core.PleatException;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * One tensor of several networks, put side by side along every axis that holds channels: rows of
 * one network read its own columns only, everything between different networks is zero. What makes
 * no channel belongs to all networks and is the mean of theirs: a layer that reads channels and
 * makes none, such as the last one, adds up what the networks give, each with its share.
 */
public final class TensorUnion {
  private final int[] shape;
  private final int chunks;

  /** {@code [axis][chunk]}, one chunk for all axes but those of a grouped layer. */
  private final AxisUnion[][] axes;

  /** {@code [axis][chunk × size + position]}: whether a channel is made there. */
  private final boolean[][] made;

  private final int[] united;

  private TensorUnion(String name, int[] shape, List<Slot> slots, int networks) {
    this.shape = shape;
    this.chunks = slots.stream().mapToInt(Slot::partitions).max().orElse(1);
    this.axes = new AxisUnion[shape.length][chunks];
    this.made = new boolean[shape.length][];
    this.united = new int[shape.length];
    for (int axis = 0; axis < shape.length; axis++) {
      int size = axis == 0 ? shape[0] / chunks : shape[axis];
      made[axis] = new boolean[chunks * size];
      for (int chunk = 0; chunk < chunks; chunk++) {
        axes[axis][chunk] = axis(slots, axis, chunk, size, networks);
        if (axis > 0 && !axes[axis][chunk].isLike(axes[axis][0])) {
          throw new PleatException(
              "tensor '%s': the chunks of a grouped layer hold different channels along axis %d; such networks cannot be merged"
                  .formatted(name, axis));
        }
      }
      united[axis] =
          axis == 0 ? Arrays.stream(axes[0]).mapToInt(AxisUnion::size).sum() : axes[axis][0].size();
    }
  }

  private AxisUnion axis(List<Slot> slots, int axis, int chunk, int size, int networks) {
    long[] channels = new long[size];
    Arrays.fill(channels, -1);
    for (int s = 0; s < slots.size(); s++) {
      Slot slot = slots.get(s);
      if (slot.axis() != axis) {
        continue;
      }
      // An ordinary slot of axis 0 counts through all chunks, one of another axis is in all alike.
      int from = slot.partitions() > 1 || axis == 0 ? chunk * size : 0;
      for (int p = 0; p < size; p++) {
        int channel = slot.channels()[from + p];
        if (channel >= 0) {
          channels[p] = ((long) s << 32) + channel;
          made[axis][chunk * size + p] |= slot.role() != Role.CONSUMER;
        }
      }
    }
    return AxisUnion.of(channels, networks);
  }

  /**
   * The union of a tensor.
   *
   * @param name for messages
   * @param tensors that of each network, of one shape
   * @param slots of the tensor, of groups that stay apart
   * @throws PleatException when a grouped layer cannot be put side by side
   */
  public static Tensor of(String name, List<Tensor> tensors, List<Slot> slots) {
    int[] shape = tensors.getFirst().shape();
    TensorUnion union = new TensorUnion(name, shape, slots, tensors.size());
    double[] values = new double[Tensor.arraySize(name, union.united)];
    for (int m = 0; m < tensors.size(); m++) {
      union.add(tensors.get(m).values(), m, 1.0 / tensors.size(), values);
    }
    return union.tensor(values);
  }

  /**
   * The tensor of one network on the axes of the union, with nothing for the channels of others: a
   * layer behind the last channels that each network keeps for itself.
   *
   * @param name for messages
   * @param network whose tensor it is, in [0, networks)
   * @param slots of the tensor, of groups that stay apart
   * @throws PleatException when a grouped layer cannot be put side by side
   */
  public static Tensor alone(
      String name, Tensor tensor, int network, int networks, List<Slot> slots) {
    TensorUnion union = new TensorUnion(name, tensor.shape(), slots, networks);
    double[] values = new double[Tensor.arraySize(name, union.united)];
    union.add(tensor.values(), network, 1, values);
    return union.tensor(values);
  }

  private Tensor tensor(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return new Tensor(united, floats);
  }

  private void add(float[] from, int network, double share, double[] to) {
    int rows = shape.length == 0 ? 1 : shape[0] / chunks;
    int elements = from.length / Math.max(1, chunks);
    int offset = 0;
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int e = 0; e < elements; e++) {
        int rest = e;
        int target = 0;
        int stride = 1;
        boolean producing = false;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
          int size = axis == 0 ? rows : shape[axis];
          int p = rest % size;
          rest /= size;
          int position = axes[axis][chunk].position(p, network);
          target += (axis == 0 ? offset + position : position) * stride;
          stride *= united[axis];
          producing |= made[axis][chunk * size + p];
        }
        to[target] += producing ? from[chunk * elements + e] : share * from[chunk * elements + e];
      }
      offset += shape.length == 0 ? 0 : axes[0][chunk].size();
    }
  }
}
