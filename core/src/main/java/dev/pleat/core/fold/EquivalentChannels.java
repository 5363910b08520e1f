package dev.pleat.core.fold;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.group.AxisView;
import dev.pleat.core.group.ChannelGroup;
import dev.pleat.core.group.Role;
import dev.pleat.core.group.Slot;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.core.tensor.TensorStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Finds the channels that compute the same function, so that merging them changes no output.
 *
 * <p>Two channels are equivalent when their producer rows, per-channel weights and statistics are
 * equal once the columns that read equivalent channels are added up. That definition is circular
 * through the layers, and its coarsest solution is found as for minimising an automaton: start with
 * every channel of a group in one class, split classes whose rows differ, and repeat until nothing
 * splits. Consumers do not matter: whatever reads two equal channels can read their one value with
 * the sum of both weights.
 *
 * <p>Rows are compared by random projections whose coefficient of a column depends on the column's
 * class only, which adds the columns of a class up for free: one pass over the weights a round.
 */
final class EquivalentChannels {
  private static final int PROJECTIONS = 4;

  /**
   * Rounding of a float row that was split into summands and added up again, with room to spare.
   */
  private static final double TOLERANCE = 2e-6;

  private final List<ChannelGroup> groups;
  private final TensorStore store;

  /** {@code [group][channel]}: class, numbered from 0 within the group. */
  private final int[][] classOf;

  /** Consumer slots by tensor: which group's classes index an axis. */
  private final Map<String, List<Reader>> readers = new HashMap<>();

  private record Reader(int group, Slot slot) {}

  private EquivalentChannels(List<ChannelGroup> groups, TensorStore store) {
    this.groups = groups;
    this.store = store;
    classOf = new int[groups.size()][];
    for (int g = 0; g < groups.size(); g++) {
      classOf[g] = groups.get(g).partition().clone();
      for (Slot slot : groups.get(g).slots(Role.CONSUMER)) {
        readers.computeIfAbsent(slot.tensor(), t -> new ArrayList<>()).add(new Reader(g, slot));
      }
    }
  }

  /** The equivalence classes of each group, as clusterings. */
  static List<Clustering> find(List<ChannelGroup> groups, TensorStore store) {
    EquivalentChannels search = new EquivalentChannels(groups, store);
    boolean split = true;
    while (split) {
      split = search.round();
    }
    return Arrays.stream(search.classOf).map(Clustering::of).toList();
  }

  /** Splits classes by their current projections; false when every class stayed whole. */
  private boolean round() {
    int[][] next =
        IntStream.range(0, groups.size()).parallel().mapToObj(this::split).toArray(int[][]::new);
    boolean changed = false;
    for (int g = 0; g < next.length; g++) {
      changed |= count(next[g]) != count(classOf[g]);
      classOf[g] = next[g];
    }
    return changed;
  }

  private static int count(int[] classes) {
    return Arrays.stream(classes).max().orElse(-1) + 1;
  }

  private int[] split(int g) {
    int width = groups.get(g).width();
    int[] classes = classOf[g];
    // One projection tells nearly all channels apart; the others look at what it left together.
    for (int k = 0; k < PROJECTIONS && count(classes) < width; k++) {
      boolean[] shared = shared(classes);
      double[] projection = new double[width];
      double[] scale = new double[width];
      for (Slot slot : groups.get(g).slots()) {
        if (slot.role() != Role.CONSUMER) {
          project(slot, k, shared, projection, scale);
        }
      }
      classes = refine(classes, projection, scale);
    }
    return classes;
  }

  /** Which channels share their class with another. */
  private static boolean[] shared(int[] classes) {
    int[] size = new int[count(classes)];
    for (int c : classes) {
      size[c]++;
    }
    boolean[] shared = new boolean[classes.length];
    for (int i = 0; i < classes.length; i++) {
      shared[i] = size[classes[i]] > 1;
    }
    return shared;
  }

  private void project(Slot slot, int k, boolean[] shared, double[] projection, double[] scale) {
    Tensor tensor = store.read(slot.tensor());
    AxisView view = AxisView.of(tensor.shape(), slot.axis(), slot.partitions());
    int[][] positions = slot.positions(projection.length);
    double[][] coefficients = coefficients(slot, tensor.shape(), k);
    IntStream.range(0, projection.length)
        .parallel()
        .filter(i -> shared[i])
        .forEach(i -> {
          double[] sums = new double[2];
          for (int occurrence = 0; occurrence < positions[i].length; occurrence++) {
            int position = positions[i][occurrence];
            double[] coefficient = coefficients[chunkOfRow(slot, tensor.shape(), position)];
            sum(tensor.values(), view, view.start(position), coefficient, sums);
            projection[i] += coefficient(slot.tensor().hashCode(), occurrence, k) * sums[0];
            scale[i] += sums[1];
          }
        });
  }

  /** Σ cx and Σ |x| over the elements of one position. */
  private static void sum(
      float[] values, AxisView view, int start, double[] coefficient, double[] sums) {
    double dot = 0;
    double absolute = 0;
    for (int o = 0, c = 0; o < view.outer(); o++) {
      int base = start + o * view.stride();
      for (int r = 0; r < view.run(); r++, c++) {
        dot += coefficient[c] * values[base + r];
        absolute += Math.abs(values[base + r]);
      }
    }
    sums[0] = dot;
    sums[1] = absolute;
  }

  /**
   * The chunk whose coefficients a row uses: columns of a grouped weight differ by chunk of rows.
   */
  private int chunkOfRow(Slot slot, int[] shape, int position) {
    int chunks = chunks(slot);
    return chunks == 1 ? 0 : position / (shape[0] / chunks);
  }

  private int chunks(Slot slot) {
    if (slot.axis() != 0 || slot.partitions() != 1) {
      return 1;
    }
    return readers.getOrDefault(slot.tensor(), List.of()).stream()
        .mapToInt(reader -> reader.slot.partitions())
        .max()
        .orElse(1);
  }

  /**
   * Random coefficients of every element of a position, {@code [chunk][outer × run]}: products over
   * the other axes, where indices that read equivalent channels share theirs.
   */
  private double[][] coefficients(Slot slot, int[] shape, int k) {
    int chunks = chunks(slot);
    double[][] result = new double[chunks][];
    for (int chunk = 0; chunk < chunks; chunk++) {
      double[] product = {1};
      for (int axis = 0; axis < shape.length; axis++) {
        if (axis == slot.axis()) {
          continue;
        }
        int size = axis == 0 ? shape[0] / slot.partitions() : shape[axis];
        double[] along = along(slot.tensor(), axis, size, chunk, k);
        double[] next = new double[product.length * size];
        for (int i = 0; i < product.length; i++) {
          for (int j = 0; j < size; j++) {
            next[i * size + j] = product[i] * along[j];
          }
        }
        product = next;
      }
      result[chunk] = product;
    }
    return result;
  }

  private double[] along(String tensor, int axis, int size, int chunk, int k) {
    double[] along = new double[size];
    for (int j = 0; j < size; j++) {
      along[j] = coefficient(axis, j, k);
    }
    for (Reader reader : readers.getOrDefault(tensor, List.of())) {
      Slot slot = reader.slot;
      if (slot.axis() != axis) {
        continue;
      }
      int[] seen = new int[groups.get(reader.group).width()];
      int first = slot.partitions() == 1 ? 0 : chunk * size;
      for (int j = 0; j < size; j++) {
        int channel = slot.channels()[first + j];
        if (channel >= 0) {
          int shared = classOf[reader.group][channel];
          along[j] = coefficient(1_000_003 * (reader.group + 1) + shared, seen[channel]++, k);
        }
      }
    }
    return along;
  }

  /** A reproducible random number in [−1, 1) for the three keys. */
  private static double coefficient(int a, int b, int k) {
    long seed = (a * 0x9E3779B97F4A7C15L) ^ (b * 0xC2B2AE3D27D4EB4FL) ^ (k * 0x165667B19E3779F9L);
    return new SplittableRandom(seed).nextDouble(-1, 1);
  }

  /** Splits each class where sorted projections leave a gap beyond rounding. */
  private static int[] refine(int[] classes, double[] projection, double[] scale) {
    Integer[] order = new Integer[classes.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        Comparator.<Integer>comparingInt(i -> classes[i]).thenComparingDouble(i -> projection[i]));
    int[] refined = new int[classes.length];
    int id = 0;
    for (int i = 1; i < order.length; i++) {
      int a = order[i - 1];
      int b = order[i];
      double gap = projection[b] - projection[a];
      if (classes[a] != classes[b] || !(gap <= TOLERANCE * Math.max(scale[a], scale[b]))) {
        id++;
      }
      refined[b] = id;
    }
    return refined;
  }
}
