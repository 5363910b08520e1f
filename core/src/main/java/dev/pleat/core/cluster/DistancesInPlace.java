package dev.pleat.core.cluster;

import java.util.Arrays;

/**
 * Distances of clusters with the Lance–Williams update, in the upper triangle of the Gram matrix
 * itself, for matrices of which there cannot be a second one. They have the same bits as {@link
 * DistanceRows} and take longer, a cache miss for every value below the diagonal of a row.
 */
final class DistancesInPlace implements ClusterDistances {
  private static final int[] NOT_MOVED = {};

  private final FloatSquare values;

  /** Positions of the clusters, ascending: that of a cluster is its lowest channel. */
  private final int[] alive;

  /** Channels of the clusters in the same order. */
  private final float[] members;

  private int count;
  private final float[] row;
  private final float[] other;

  /** Writes over the upper triangle of the Gram matrix. */
  DistancesInPlace(GramMatrix gram) {
    int n = gram.size();
    values = gram.centred();
    alive = new int[n];
    members = new float[n];
    count = n;
    row = new float[n];
    other = new float[n];
    Arrays.setAll(alive, i -> i);
    Arrays.fill(members, 1f);
    double[] squares = gram.squares();
    for (int i = 0; i < n; i++) {
      float[] band = values.band(i);
      int start = values.start(i);
      for (int j = i + 1; j < n; j++) {
        band[start + j] = (float) Math.max(0.0, (squares[i] + squares[j]) / 2 - band[start + j]);
      }
    }
  }

  /** Gives the Gram matrix its upper triangle back. */
  void restore() {
    values.mirror();
  }

  @Override
  public int lowest(int position) {
    return position;
  }

  @Override
  public int nearest(int position, int preferred) {
    gather(position, row);
    int nearest = DistanceRows.lowestLeast(row, count);
    return preferred >= 0 && row[index(preferred)] == row[nearest] ? preferred : alive[nearest];
  }

  private int index(int position) {
    return Arrays.binarySearch(alive, 0, count, position);
  }

  /** δ from a cluster to all others, in the order of the clusters; +∞ to itself. */
  private void gather(int position, float[] distances) {
    int own = index(position);
    for (int t = 0; t < own; t++) {
      distances[t] = values.get(alive[t], position);
    }
    distances[own] = Float.POSITIVE_INFINITY;
    float[] band = values.band(position);
    int start = values.start(position);
    for (int t = own + 1; t < count; t++) {
      distances[t] = band[start + alive[t]];
    }
  }

  @Override
  public float merge(int a, int b) {
    int first = index(a);
    int second = index(b);
    gather(a, row);
    gather(b, other);
    float cost = row[second];
    DistanceRows.update(row, other, members, members[first], members[second], cost, count);
    for (int t = 0; t < first; t++) {
      values.set(alive[t], a, row[t]);
    }
    float[] band = values.band(a);
    int start = values.start(a);
    for (int t = first + 1; t < count; t++) {
      band[start + alive[t]] = row[t];
    }
    members[first] += members[second];
    System.arraycopy(alive, second + 1, alive, second, count - second - 1);
    System.arraycopy(members, second + 1, members, second, count - second - 1);
    count--;
    return cost;
  }

  @Override
  public int[] squeeze() {
    return NOT_MOVED;
  }
}
