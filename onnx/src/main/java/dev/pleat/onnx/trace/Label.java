package dev.pleat.onnx.trace;

import java.util.Arrays;

/**
 * Which channel each position of an axis holds. {@link #NONE} stands for an axis without channels
 * (batch, height, tokens, a model input). Labels are shared by every value that passes channels
 * through.
 *
 * @param ids channel at each position, {@link #FIXED} where a position holds none
 */
record Label(int[] ids) {
  /** A position that never folds, such as padding. */
  static final int FIXED = -1;

  /** An axis without channels. */
  static final Label NONE = new Label(new int[0]);

  int size() {
    return ids.length;
  }

  /** Whether it holds channels; an axis that could but was not chosen to holds none. */
  boolean exists() {
    return ids.length > 0;
  }

  Label range(int from, int to) {
    return new Label(Arrays.copyOfRange(ids, from, to));
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
