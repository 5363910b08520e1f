package dev.pleat.core.budget;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A made-up chain of layers, each reading the one before it: costs are products of neighbouring
 * widths, damages fall with the width.
 */
record Chain(int[] factors, int[][] grids, double[][] damages) implements Cost {

  static Chain random(int groups, int points, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] factors = random.ints(groups + 1, 1, 50).toArray();
    int[][] grids = new int[groups][points];
    double[][] damages = new double[groups][points];
    for (int g = 0; g < groups; g++) {
      int step = random.nextInt(1, 9);
      double unit = Math.exp(6 * random.nextDouble());
      double power = 1 + 2 * random.nextDouble();
      for (int p = 0; p < points; p++) {
        grids[g][p] = (p + 1) * step;
        double removed = 1 - (p + 1.0) / points;
        damages[g][p] = unit * Math.pow(removed, power) * (1 + 0.05 * random.nextDouble());
      }
      Arrays.sort(damages[g]);
      for (int p = 0; p < points / 2; p++) {
        double swapped = damages[g][p];
        damages[g][p] = damages[g][points - 1 - p];
        damages[g][points - 1 - p] = swapped;
      }
      damages[g][points - 1] = 0;
    }
    return new Chain(factors, grids, damages);
  }

  @Override
  public long of(int[] widths) {
    long sum =
        (long) factors[0] * widths[0] + (long) factors[widths.length] * widths[widths.length - 1];
    for (int g = 1; g < widths.length; g++) {
      sum += (long) factors[g] * widths[g - 1] * widths[g];
    }
    return sum;
  }

  @Override
  public long part(int group, int[] widths) {
    int[] without = widths.clone();
    without[group] = 0;
    return of(widths) - of(without);
  }

  double damage(int[] widths) {
    double sum = 0;
    for (int g = 0; g < widths.length; g++) {
      sum += damages[g][Arrays.binarySearch(grids[g], widths[g])];
    }
    return sum;
  }

  int[] widest() {
    return Arrays.stream(grids).mapToInt(grid -> grid[grid.length - 1]).toArray();
  }

  /** The least damage of all widths that cost at most this, by trying all. */
  double best(long most) {
    return best(new int[grids.length], 0, most);
  }

  private double best(int[] widths, int group, long most) {
    if (group == widths.length) {
      return of(widths) <= most ? damage(widths) : Double.POSITIVE_INFINITY;
    }
    double least = Double.POSITIVE_INFINITY;
    for (int width : grids[group]) {
      widths[group] = width;
      least = Math.min(least, best(widths, group + 1, most));
    }
    return least;
  }
}
