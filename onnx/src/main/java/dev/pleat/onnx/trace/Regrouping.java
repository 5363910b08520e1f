package dev.pleat.onnx.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Row-major reshaping as blocks of axes: each block of input axes holds the same elements in the
 * same order as one block of output axes.
 */
final class Regrouping {
  /** The most positions that are compared one by one. */
  private static final long LARGEST = 1 << 24;

  private final NodeContext node;
  private final Value input;
  private final long[] dims;
  private final Label[] labels;

  /**
   * Labels of the reshaped value; channels that the new axes take apart are frozen.
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
  }

  private void run() {
    long[] in = input.dims();
    int i = 0;
    int j = 0;
    while (i < in.length && j < dims.length && in[i] == dims[j]) {
      labels[j++] = input.label(i++);
    }
    int inEnd = in.length;
    int outEnd = dims.length;
    while (inEnd > i && outEnd > j && in[inEnd - 1] == dims[outEnd - 1]) {
      labels[--outEnd] = input.label(--inEnd);
    }
    while (i < inEnd || j < outEnd) {
      int from = i;
      int to = j;
      long left = i < inEnd ? in[i++] : 1;
      long right = j < outEnd ? dims[j++] : 1;
      while (left != right && left >= 0 && right >= 0) {
        if (left < right && i < inEnd) {
          left = in[i] < 0 ? -1 : left * in[i];
          i++;
        } else if (right < left && j < outEnd) {
          right = dims[j] < 0 ? -1 : right * dims[j];
          j++;
        } else {
          break;
        }
      }
      if (left != right || left < 0) {
        i = inEnd;
        j = outEnd;
      }
      while (i < inEnd && in[i] == 1 && j >= outEnd) {
        i++;
      }
      while (j < outEnd && dims[j] == 1 && i >= inEnd) {
        j++;
      }
      block(from, i, to, j, left == right && left >= 0 ? left : -1);
    }
  }

  private void block(int inFrom, int inTo, int outFrom, int outTo, long size) {
    List<Integer> labelled = new ArrayList<>();
    for (int i = inFrom; i < inTo; i++) {
      if (input.label(i).exists()) {
        labelled.add(i);
      }
    }
    if (labelled.isEmpty()) {
      return;
    }
    boolean found = labelled.size() == 1 && size >= 0 && size <= LARGEST;
    if (found) {
      found = relabel(labelled.getFirst(), inFrom, inTo, outFrom, outTo, (int) size);
    }
    if (!found) {
      labelled.forEach(i -> node.freeze(input.label(i), "takes its channels apart"));
    }
  }

  /** Finds the one output axis whose index alone decides the channel. */
  private boolean relabel(int labelled, int inFrom, int inTo, int outFrom, int outTo, int size) {
    Label label = input.label(labelled);
    int inner = (int) product(input.dims(), labelled + 1, inTo);
    int[] ids = new int[size];
    for (int p = 0; p < size; p++) {
      ids[p] = label.ids()[p / inner % label.size()];
    }
    for (int axis = outFrom; axis < outTo; axis++) {
      if (dims[axis] == 1 && outTo - outFrom > 1) {
        continue;
      }
      int run = (int) product(dims, axis + 1, outTo);
      int width = (int) dims[axis];
      int[] candidate = new int[width];
      for (int k = 0; k < width; k++) {
        candidate[k] = ids[k * run];
      }
      boolean exact = true;
      for (int p = 0; p < size && exact; p++) {
        exact = ids[p] == candidate[p / run % width];
      }
      if (exact) {
        labels[axis] =
            java.util.Arrays.equals(candidate, label.ids()) ? label : node.label(candidate);
        return true;
      }
    }
    return false;
  }

  private static long product(long[] dims, int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }
}
