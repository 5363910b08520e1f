package dev.pleat.core.unite;

import java.util.Arrays;

/**
 * Where the positions of one axis of each network lie on the axis of their union. A channel may
 * occupy a run of consecutive positions, height × width of them behind a flatten: the runs of one
 * number of all networks follow each other, so that whatever cuts the axis into channels, blocks or
 * chunks of a grouped layer still does. Positions of no channel are shared.
 */
public final class AxisUnion {
  private final int networks;
  private final int[] first;
  private final int[] run;
  private final int size;

  private AxisUnion(int networks, int[] first, int[] run, int size) {
    this.networks = networks;
    this.first = first;
    this.run = run;
    this.size = size;
  }

  /**
   * The union of an axis.
   *
   * @param channels which channel stands at each position, −1 for none; numbers need only differ
   *     where channels do
   * @param networks how many, at least 1
   */
  public static AxisUnion of(long[] channels, int networks) {
    int[] first = new int[channels.length];
    int[] run = new int[channels.length];
    int size = 0;
    for (int p = 0; p < channels.length; ) {
      int end = p + 1;
      while (end < channels.length && channels[end] == channels[p] && channels[p] >= 0) {
        end++;
      }
      for (int q = p; q < end; q++) {
        first[q] = size + q - p;
        run[q] = channels[p] < 0 ? 0 : end - p;
      }
      size += channels[p] < 0 ? 1 : networks * (end - p);
      p = end;
    }
    return new AxisUnion(networks, first, run, size);
  }

  /** Positions of the union. */
  public int size() {
    return size;
  }

  /** Where a position of a network lies. */
  public int position(int position, int network) {
    return first[position] + network * run[position];
  }

  /** Whether each network has a position of its own there. */
  public boolean isApart(int position) {
    return run[position] > 0;
  }

  /** How many positions of the union a part of the axis has. */
  public int size(int from, int to) {
    int sum = 0;
    for (int p = from; p < to; p++) {
      sum += isApart(p) ? networks : 1;
    }
    return sum;
  }

  /** Whether both lay the axis out alike. */
  boolean isLike(AxisUnion other) {
    return Arrays.equals(first, other.first) && Arrays.equals(run, other.run);
  }
}
