package dev.pleat.core.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelEliminationTest {
  private static final double RIDGE = 0.01;

  /** XXᵀ of random rows. */
  private static double[][] gram(int n, int columns, long seed) {
    Random random = new Random(seed);
    double[][] rows = new double[n][];
    Arrays.setAll(rows, i -> random.doubles(columns, -1, 1).toArray());
    return gram(rows);
  }

  private static double[][] gram(double[][] rows) {
    int n = rows.length;
    double[][] gram = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int c = 0; c < rows[i].length; c++) {
          gram[i][j] += rows[i][c] * rows[j][c];
        }
      }
    }
    return gram;
  }

  private static int[] survivors(double[][] moments, double[][] products, int kept) {
    return ChannelElimination.survivors(
        moments.length, (i, j) -> moments[i][j], (i, j) -> products[i][j], kept);
  }

  /**
   * What is left of tr(V M Vᵀ) when the best weights for some channels are used, M with the ridge:
   * tr(VᵀV · (M − M_:S M_SS⁻¹ M_S:)).
   */
  private static double error(double[][] moments, double[][] products, int[] kept) {
    int n = moments.length;
    int k = kept.length;
    double[] inner = new double[k * k];
    double[] cross = new double[n * k];
    for (int a = 0; a < k; a++) {
      for (int b = 0; b < k; b++) {
        inner[a * k + b] = ridged(moments, kept[a], kept[b]);
      }
      for (int i = 0; i < n; i++) {
        cross[i * k + a] = ridged(moments, i, kept[a]);
      }
    }
    double[] solved = cross.clone();
    Cholesky.of(k, inner).solve(solved);
    double error = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double left = ridged(moments, i, j);
        for (int a = 0; a < k; a++) {
          left -= solved[i * k + a] * cross[j * k + a];
        }
        error += products[i][j] * left;
      }
    }
    return error;
  }

  private static double ridged(double[][] moments, int i, int j) {
    return moments[i][j] * (i == j ? 1 + RIDGE : 1);
  }

  @Test
  void changes_are_the_errors_that_the_best_weights_leave() {
    double[][] moments = gram(12, 20, 6);
    double[][] products = gram(12, 5, 7);

    double[] changes =
        ChannelElimination.changes(12, (i, j) -> moments[i][j], (i, j) -> products[i][j], 3);

    assertThat(changes).hasSize(13).startsWith(0, 0, 0).endsWith(0);
    for (int k = 3; k < 12; k++) {
      double error = error(moments, products, survivors(moments, products, k));
      assertThat(changes[k]).isCloseTo(error, withinPercentage(0.1));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void at_each_step_the_channel_goes_that_costs_least(long seed) {
    int n = 12;
    double[][] moments = gram(n, 20, seed);
    double[][] products = gram(n, 5, seed + 100);
    int[] left = IntStream.range(0, n).toArray();

    while (left.length > 1) {
      int[] now = left;
      left =
          Arrays.stream(now)
              .mapToObj(gone -> Arrays.stream(now).filter(i -> i != gone).toArray())
              .min((a, b) ->
                  Double.compare(error(moments, products, a), error(moments, products, b)))
              .orElseThrow();
      assertThat(survivors(moments, products, left.length)).containsExactly(left);
    }
  }

  @Test
  void of_channels_that_do_the_same_one_stays() {
    Random random = new Random(7);
    double[][] rows = new double[20][];
    Arrays.setAll(rows, i -> random.doubles(60, -1, 1).toArray());
    double[] factors = {2, -3, 0.1, -0.5};
    for (int i = 0; i < 4; i++) {
      double factor = factors[i];
      rows[16 + i] = Arrays.stream(rows[i]).map(h -> factor * h).toArray();
    }

    int[] kept = survivors(gram(rows), gram(20, 30, 8), 16);

    for (int i = 0; i < 4; i++) {
      int twin = 16 + i;
      int first = i;
      assertThat(Arrays.stream(kept).filter(c -> c == first || c == twin)).hasSize(1);
    }
  }

  @Test
  void channels_that_are_always_zero_or_never_read_go_first() {
    double[][] moments = gram(10, 30, 1);
    double[][] products = gram(10, 30, 2);
    for (int i = 0; i < 10; i++) {
      moments[3][i] = 0;
      moments[i][3] = 0;
      products[6][i] = 0;
      products[i][6] = 0;
    }

    assertThat(survivors(moments, products, 8)).containsExactly(0, 1, 2, 4, 5, 7, 8, 9);
  }

  @Test
  void moments_that_rounding_made_indefinite_are_taken_with_more_of_a_ridge() {
    double[][] moments = gram(10, 4, 1);
    moments[2][2] = -1e-3;
    moments[5][2] = 0.1;
    moments[2][5] = 0.1;

    assertThat(survivors(moments, gram(10, 30, 2), 9)).doesNotContain(2);
  }

  @Test
  void all_may_stay() {
    assertThat(survivors(gram(4, 9, 1), gram(4, 9, 2), 4)).containsExactly(0, 1, 2, 3);
  }
}
