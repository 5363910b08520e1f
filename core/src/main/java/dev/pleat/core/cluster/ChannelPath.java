package dev.pleat.core.cluster;

/**
 * An order of channels in which neighbours are alike: a short path through all of them, on which
 * the weights, as functions of the place, vary little. Integral neural networks need one before
 * they read the channels of a trained network as samples of a smooth function (Solodskikh et al.,
 * CVPR 2023, the permutation of minimal total variation).
 *
 * <p>The length of a step is the Euclidean distance of the two channels' features, which the Gram
 * matrix knows; the paper adds up absolute differences.
 */
public final class ChannelPath {
  /** Improvements below this share of a step are rounding, and could go on for ever. */
  private static final double LEAST_GAIN = 1e-9;

  private ChannelPath() {}

  /**
   * The path from the nearest neighbour to the nearest neighbour, begun at channel 0, then
   * shortened by turning pieces around until no turn shortens it (2-opt, as in the paper). O(n²)
   * time a round. Ties go to the lower channel.
   *
   * @return each channel once
   */
  public static int[] of(GramMatrix gram) {
    int[] path = neighbours(gram);
    boolean shorter = true;
    while (shorter) {
      shorter = false;
      for (int from = 0; from < path.length - 1; from++) {
        for (int to = from + 1; to < path.length; to++) {
          if (gain(gram, path, from, to)) {
            turn(path, from, to);
            shorter = true;
          }
        }
      }
    }
    return path;
  }

  /** The sum of all steps. */
  public static double length(GramMatrix gram, int[] path) {
    double sum = 0;
    for (int p = 1; p < path.length; p++) {
      sum += step(gram, path[p - 1], path[p]);
    }
    return sum;
  }

  private static double step(GramMatrix gram, int i, int j) {
    return Math.sqrt(gram.squaredDistance(i, j));
  }

  private static int[] neighbours(GramMatrix gram) {
    int[] path = new int[gram.size()];
    boolean[] visited = new boolean[path.length];
    visited[0] = true;
    for (int p = 1; p < path.length; p++) {
      int next = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int j = 0; j < path.length; j++) {
        double distance = gram.squaredDistance(path[p - 1], j);
        if (!visited[j] && distance < least) {
          next = j;
          least = distance;
        }
      }
      path[p] = next;
      visited[next] = true;
    }
    return path;
  }

  /** Whether turning a piece shortens the path; its ends are open. */
  private static boolean gain(GramMatrix gram, int[] path, int from, int to) {
    double before = 0;
    double after = 0;
    if (from > 0) {
      before += step(gram, path[from - 1], path[from]);
      after += step(gram, path[from - 1], path[to]);
    }
    if (to < path.length - 1) {
      before += step(gram, path[to], path[to + 1]);
      after += step(gram, path[from], path[to + 1]);
    }
    return after < before - LEAST_GAIN * before;
  }

  private static void turn(int[] path, int from, int to) {
    for (int i = from, j = to; i < j; i++, j--) {
      int channel = path[i];
      path[i] = path[j];
      path[j] = channel;
    }
  }
}
