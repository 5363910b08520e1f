package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  private static double[][] random(int n, long seed) {
    Random random = new Random(seed);
    double[][] cost = new double[n][n];
    for (double[] row : cost) {
      for (int j = 0; j < n; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return cost;
  }

  private static double least(double[][] cost, int row, boolean[] used) {
    if (row == cost.length) {
      return 0;
    }
    double best = Double.POSITIVE_INFINITY;
    for (int j = 0; j < cost.length; j++) {
      if (!used[j]) {
        used[j] = true;
        best = Math.min(best, cost[row][j] + least(cost, row + 1, used));
        used[j] = false;
      }
    }
    return best;
  }

  @Test
  void no_other_matching_costs_less() {
    for (int seed = 0; seed < 20; seed++) {
      double[][] cost = random(1 + seed % 7, seed);
      int[] columns = Assignment.of(cost);

      double sum = 0;
      for (int i = 0; i < columns.length; i++) {
        sum += cost[i][columns[i]];
      }
      assertThat(columns).doesNotHaveDuplicates();
      assertThat(sum).isCloseTo(least(cost, 0, new boolean[cost.length]), within(1e-9));
    }
  }
}
