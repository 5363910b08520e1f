package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * Distances of clusters with the Lance–Williams update, in memory of their own: n² floats.
 *
 * <p>Row p holds δ from the cluster at p to all others. A merge writes the one row of the new
 * cluster and not its column, which would cost a cache miss for each value: another row fetches
 * what it lacks when it is used next, and the younger of two clusters always has the value.
 */
final class DistanceRows implements ClusterDistances {
  /** Positions of dead clusters are squeezed out when fewer than this share are alive. */
  private static final float DENSE = 0.7f;

  private static final float[] NO_ROW = {};
  private static final int[] NOT_MOVED = {};
  private static final int GONE = -1;

  private final int size;
  private final float[][] rows;

  /** Number of positions in use; those of dead clusters hold +∞ in every fresh row. */
  private int width;

  /** The lowest member of the cluster at each position: positions keep the channels' order. */
  private final int[] lowest;

  private final float[] members;

  /** Up to which merge the row at each position is fresh. */
  private final int[] freshUntil;

  /** The merge that made the cluster at each position, or GONE for a single channel. */
  private final int[] birth;

  /** The position of the cluster that a merge made, or GONE once it has merged itself. */
  private final int[] bornAt;

  /** The position that a merge vacated, or GONE once it is squeezed out. */
  private final int[] diedAt;

  private int merges;

  DistanceRows(GramMatrix gram) {
    size = gram.size();
    width = size;
    rows = new float[size][];
    lowest = new int[size];
    members = new float[size];
    freshUntil = new int[size];
    birth = new int[size];
    bornAt = new int[size - 1];
    diedAt = new int[size - 1];
    Arrays.setAll(lowest, i -> i);
    Arrays.fill(members, 1f);
    Arrays.fill(birth, GONE);
    for (int i = 0; i < size; i++) {
      rows[i] = distances(gram, i);
    }
  }

  private static float[] distances(GramMatrix gram, int i) {
    int n = gram.size();
    double[] squares = gram.squares();
    int from = gram.centred().start(i);
    float[] row = Arrays.copyOfRange(gram.centred().band(i), from, from + n);
    for (int j = 0; j < n; j++) {
      row[j] = (float) Math.max(0.0, (squares[i] + squares[j]) / 2 - row[j]);
    }
    row[i] = Float.POSITIVE_INFINITY;
    return row;
  }

  @Override
  public int lowest(int position) {
    return lowest[position];
  }

  @Override
  public int nearest(int position, int preferred) {
    freshen(position);
    float[] row = rows[position];
    int nearest = lowestLeast(row, width);
    return preferred != GONE && row[preferred] == row[nearest] ? preferred : nearest;
  }

  /** The first of the least values. */
  static int lowestLeast(float[] row, int width) {
    int nearest = 0;
    float least = row[0];
    for (int j = 1; j < width; j++) {
      if (row[j] < least) {
        least = row[j];
        nearest = j;
      }
    }
    return nearest;
  }

  /** Brings a row up to date with the merges since it was fresh. */
  private void freshen(int position) {
    float[] row = rows[position];
    for (int merge = freshUntil[position]; merge < merges; merge++) {
      int vacated = diedAt[merge];
      if (vacated != GONE) {
        row[vacated] = Float.POSITIVE_INFINITY;
      }
      int younger = bornAt[merge];
      if (younger != GONE) {
        row[younger] = rows[younger][position];
      }
    }
    freshUntil[position] = merges;
  }

  @Override
  public float merge(int a, int b) {
    freshen(a);
    freshen(b);
    float cost = rows[a][b];
    update(rows[a], rows[b], members, members[a], members[b], cost, width);
    rows[a][a] = Float.POSITIVE_INFINITY;
    rows[a][b] = Float.POSITIVE_INFINITY;
    rows[b] = NO_ROW;
    members[a] += members[b];
    forget(a);
    forget(b);
    birth[a] = merges;
    bornAt[merges] = a;
    diedAt[merges] = b;
    merges++;
    freshUntil[a] = merges;
    return cost;
  }

  private void forget(int position) {
    if (birth[position] != GONE) {
      bornAt[birth[position]] = GONE;
    }
  }

  /** Lance–Williams: δ from the union of a and b to every other cluster, over a's row. */
  static void update(
      float[] a, float[] b, float[] members, float sizeA, float sizeB, float cost, int width) {
    for (int j = 0; j < width; j++) {
      float size = members[j];
      float sum = (sizeA + size) * a[j] + (sizeB + size) * b[j] - size * cost;
      a[j] = Math.max(0f, sum / (sizeA + sizeB + size));
    }
  }

  @Override
  public int[] squeeze() {
    int alive = size - merges;
    if (alive > DENSE * width) {
      return NOT_MOVED;
    }
    int[] old = new int[alive];
    int[] moved = new int[width];
    Arrays.fill(moved, GONE);
    int count = 0;
    for (int position = 0; position < width; position++) {
      if (rows[position] != NO_ROW) {
        moved[position] = count;
        old[count++] = position;
      }
    }
    for (int position = 0; position < alive; position++) {
      int from = old[position];
      float[] row = rows[from];
      squeeze(row, old);
      rows[position] = row;
      lowest[position] = lowest[from];
      members[position] = members[from];
      freshUntil[position] = freshUntil[from];
      birth[position] = birth[from];
    }
    Arrays.fill(rows, alive, width, NO_ROW);
    for (int merge = 0; merge < merges; merge++) {
      bornAt[merge] = bornAt[merge] == GONE ? GONE : moved[bornAt[merge]];
      diedAt[merge] = GONE;
    }
    width = alive;
    return moved;
  }

  private static void squeeze(float[] row, int[] old) {
    for (int j = 0; j < old.length; j++) {
      row[j] = row[old[j]];
    }
  }
}
