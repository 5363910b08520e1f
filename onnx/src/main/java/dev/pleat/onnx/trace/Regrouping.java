package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Row-major reshaping as blocks of axes: each block of input axes holds the same elements in the
 * same order as one block of output axes. Sizes are compared as they were in every run, so that
 * products of sizes that vary are recognised, too.
 */
final class Regrouping {
  /**
   * An output axis that could carry channels.
   *
   * @param lowest for each position of the labelled axis the lowest one that it is tied to then
   * @param channels how many remain apart
   */
  private record Candidate(int axis, int[] lowest, int channels) {}

  /** The most positions that are compared one by one. */
  private static final long LARGEST = 1 << 24;

  private final NodeContext node;
  private final Value input;
  private final long[] dims;
  private final Label[] labels;
  private final long[][] in;
  private final long[][] out;

  /**
   * Labels of the reshaped value. Channels that the new axes take apart go on along one of them.
   *
   * @param dims sizes of the result, equal symbols meaning equal sizes
   */
  static Label[] labels(NodeContext node, Value input, long[] dims) {
    Regrouping regrouping = new Regrouping(node, input, dims);
    regrouping.run();
    return regrouping.labels;
  }

  private Regrouping(NodeContext node, Value input, long[] dims) {
    this.node = node;
    this.input = input;
    this.dims = dims;
    this.labels = Value.none(dims.length);
    this.in = node.sizes(input.dims());
    this.out = node.sizes(dims);
  }

  private void run() {
    long[] sizes = input.dims();
    int i = 0;
    int j = 0;
    while (i < in.length && j < out.length && sizes[i] == dims[j]) {
      labels[j++] = input.label(i++);
    }
    int inEnd = in.length;
    int outEnd = out.length;
    while (inEnd > i && outEnd > j && sizes[inEnd - 1] == dims[outEnd - 1]) {
      labels[--outEnd] = input.label(--inEnd);
    }
    while (i < inEnd || j < outEnd) {
      int from = i;
      int to = j;
      long[] left = i < inEnd ? in[i++] : one();
      long[] right = j < outEnd ? out[j++] : one();
      while (left.length > 0 && right.length > 0 && !Arrays.equals(left, right)) {
        int order = Arrays.compare(left, right);
        if (order < 0 && i < inEnd) {
          left = times(left, in[i++]);
        } else if (order > 0 && j < outEnd) {
          right = times(right, out[j++]);
        } else {
          break;
        }
      }
      boolean same = left.length > 0 && Arrays.equals(left, right);
      if (!same) {
        i = inEnd;
        j = outEnd;
      }
      while (i < inEnd && sizes[i] == 1 && j >= outEnd) {
        i++;
      }
      while (j < outEnd && dims[j] == 1 && i >= inEnd) {
        j++;
      }
      block(from, i, to, j, same ? left : new long[0]);
    }
  }

  private long[] one() {
    long[] ones = new long[node.runs()];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** Sizes multiplied run by run; empty where one is not known or too large to look at. */
  private static long[] times(long[] a, long[] b) {
    if (a.length == 0 || b.length == 0) {
      return new long[0];
    }
    long[] product = new long[a.length];
    for (int run = 0; run < product.length; run++) {
      product[run] = Math.multiplyExact(a[run], b[run]);
    }
    return product;
  }

  private void block(int inFrom, int inTo, int outFrom, int outTo, long[] size) {
    List<Integer> labelled = new ArrayList<>();
    for (int i = inFrom; i < inTo; i++) {
      if (input.label(i).exists()) {
        labelled.add(i);
      }
    }
    if (labelled.isEmpty()) {
      keepDormant(inFrom, inTo, outFrom, outTo);
      return;
    }
    boolean small = size.length > 0 && Arrays.stream(size).allMatch(s -> s <= LARGEST);
    boolean found = false;
    if (labelled.size() == 1 && small) {
      found =
          pass(labelled.getFirst(), inFrom, inTo, outFrom, outTo)
              || split(labelled.getFirst(), inFrom, inTo, outFrom, outTo);
    }
    if (!found) {
      labelled.forEach(i -> node.freeze(input.label(i), "takes its channels apart"));
    }
  }

  /** An axis that may yet turn out to hold channels is still the same axis beside axes of one. */
  private void keepDormant(int inFrom, int inTo, int outFrom, int outTo) {
    for (int i = inFrom; i < inTo; i++) {
      for (int j = outFrom; j < outTo; j++) {
        if (input.label(i) != Label.NONE && input.dim(i) == dims[j]) {
          labels[j] = input.label(i);
          return;
        }
      }
    }
  }

  /** Channels that one output axis carries by itself. */
  private boolean pass(int labelled, int inFrom, int inTo, int outFrom, int outTo) {
    for (int axis = outFrom; axis < outTo; axis++) {
      if (dims[axis] <= 1 && outTo - outFrom > 1) {
        continue;
      }
      Optional<int[]> ids = carried(labelled, inFrom, inTo, axis, outTo, true);
      if (ids.isPresent()) {
        Label label = input.label(labelled);
        labels[axis] = Arrays.equals(ids.get(), label.ids()) ? label : node.label(ids.get());
        return true;
      }
    }
    return false;
  }

  /**
   * The channel at each index of an output axis.
   *
   * @param exact whether the index has to decide the channel, in all runs alike; otherwise it is
   *     the channel that the index meets first
   */
  private Optional<int[]> carried(
      int labelled, int inFrom, int inTo, int axis, int outTo, boolean exact) {
    if (dims[axis] < 0) {
      return Optional.empty();
    }
    int[] ids = input.label(labelled).ids();
    int[] candidate = new int[(int) dims[axis]];
    for (int run = 0; run < node.runs(); run++) {
      int inner = product(in, run, labelled + 1, inTo);
      int after = product(out, run, axis + 1, outTo);
      int size = product(in, run, inFrom, inTo);
      for (int k = 0; k < candidate.length && run == 0; k++) {
        candidate[k] = ids[k * after / inner % ids.length];
      }
      for (int p = 0; p < size && exact; p++) {
        if (ids[p / inner % ids.length] != candidate[p / after % candidate.length]) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(candidate);
  }

  /** Channels that several output axes share: those with one index of the chosen axis are tied. */
  private boolean split(int labelled, int inFrom, int inTo, int outFrom, int outTo) {
    Label label = input.label(labelled);
    List<Candidate> candidates = new ArrayList<>();
    for (int axis = outFrom; axis < outTo; axis++) {
      if (dims[axis] > 1) {
        int[] lowest = united(label, labelled, inFrom, inTo, axis, outTo);
        int channels = (int) Arrays.stream(lowest).distinct().count();
        if (channels > 1) {
          candidates.add(new Candidate(axis, lowest, channels));
        }
      }
    }
    candidates.sort(Comparator.comparingInt(candidate -> -candidate.channels));
    List<Integer> ranked = candidates.stream().map(Candidate::axis).toList();
    Splits.Site site = new Splits.Site(node.index(), labelled);
    Optional<Integer> choice = node.splits().choose(site, ranked);
    if (choice.isEmpty()) {
      return false;
    }
    int axis = choice.get();
    node.tie(label, candidates.get(ranked.indexOf(axis)).lowest);
    labels[axis] = node.label(carried(labelled, inFrom, inTo, axis, outTo, false).orElseThrow());
    node.splits().chosen(site, labels[axis]);
    for (int other : ranked) {
      if (other != axis) {
        labels[other] = node.splits().dormant(site, other);
      }
    }
    return true;
  }

  /**
   * For each position of the labelled axis the lowest one that it has to be tied to, so that the
   * index of an output axis decides the channel.
   */
  private int[] united(Label label, int labelled, int inFrom, int inTo, int axis, int outTo) {
    int[] root = new int[label.size()];
    Arrays.setAll(root, p -> p);
    if (dims[axis] < 0) {
      Arrays.fill(root, 0);
      return root;
    }
    int[] first = new int[(int) dims[axis]];
    for (int run = 0; run < node.runs(); run++) {
      int inner = product(in, run, labelled + 1, inTo);
      int after = product(out, run, axis + 1, outTo);
      int size = product(in, run, inFrom, inTo);
      Arrays.fill(first, -1);
      for (int p = 0; p < size; p++) {
        int position = p / inner % root.length;
        int index = p / after % first.length;
        if (first[index] < 0) {
          first[index] = position;
        } else {
          unite(root, first[index], position);
        }
      }
    }
    Arrays.setAll(root, p -> find(root, p));
    return root;
  }

  private static void unite(int[] root, int a, int b) {
    int x = find(root, a);
    int y = find(root, b);
    root[Math.max(x, y)] = Math.min(x, y);
  }

  private static int find(int[] root, int p) {
    int at = p;
    while (root[at] != at) {
      root[at] = root[root[at]];
      at = root[at];
    }
    return at;
  }

  private static int product(long[][] sizes, int run, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= sizes[i][run];
    }
    return Math.toIntExact(product);
  }
}
