package dev.pleat.core.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.cluster.Clustering;
import dev.pleat.core.cluster.GramMatrix;
import dev.pleat.core.linalg.BlasProvider;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FittedLossTest {
  private static final int N = 12;
  private static final int SAMPLES = 40;

  /** Gram matrix of random rows; rows that shall be the same are. */
  private static GramMatrix gram(long seed, int columns, boolean twins) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] rows = new double[N][columns];
    for (int i = 0; i < N; i++) {
      for (int c = 0; c < columns; c++) {
        rows[i][c] = twins && i % 2 == 1 ? rows[i - 1][c] : random.nextGaussian();
      }
    }
    float[] gram = new float[N * N];
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        for (int c = 0; c < columns; c++) {
          gram[i * N + j] += (float) (rows[i][c] * rows[j][c]);
        }
      }
    }
    return GramMatrix.of(N, gram);
  }

  private static double loss(GramMatrix covariance, GramMatrix products, Clustering clusters) {
    return new FittedLoss(covariance, products, BlasProvider.shared()).of(clusters);
  }

  private static double whole(GramMatrix covariance, GramMatrix products) {
    double whole = 0;
    for (int i = 0; i < N; i++) {
      for (int j = 0; j < N; j++) {
        whole += covariance.get(i, j) * products.get(i, j);
      }
    }
    return whole;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void of_channels_that_do_the_same_one_is_enough(long seed) {
    GramMatrix covariance = gram(seed, SAMPLES, true);
    GramMatrix products = gram(seed + 10, 5, false);
    int[] first = {0, 2, 4, 6, 8, 10};
    int[] pairs = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};

    double whole = whole(covariance, products);

    assertThat(loss(covariance, products, Clustering.keep(first, N))).isLessThan(0.02 * whole);
    assertThat(loss(covariance, products, Clustering.of(pairs))).isLessThan(0.02 * whole);
    assertThat(loss(covariance, products, Clustering.keep(new int[] {0, 1}, N)))
        .isGreaterThan(0.2 * whole);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void what_elimination_reckons_is_what_is_lost(long seed) {
    GramMatrix covariance = gram(seed, SAMPLES, false);
    GramMatrix products = gram(seed + 10, 5, false);
    int kept = 7;
    int[] survivors = ChannelElimination.survivors(N, covariance::get, products::get, kept);
    double reckoned = ChannelElimination.changes(N, covariance::get, products::get, kept)[kept];

    // Both are regularised, each in its own way.
    assertThat(loss(covariance, products, Clustering.keep(survivors, N)))
        .isCloseTo(reckoned, within(0.1 * reckoned));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void every_channel_less_costs_more(long seed) {
    GramMatrix covariance = gram(seed, SAMPLES, false);
    GramMatrix products = gram(seed + 10, 5, false);
    double before = 0;
    for (int kept = N - 1; kept >= 1; kept--) {
      int[] left = IntStream.range(0, kept).toArray();
      double loss = loss(covariance, products, Clustering.keep(left, N));
      assertThat(loss).isGreaterThan(before);
      before = loss;
    }
  }

  @Test
  void means_of_channels_that_cancel_are_no_obstacle() {
    // Rows of 1,000 and −1,000 times the same, and small ones: their mean is rounding alone.
    float[] gram = new float[16];
    float[] rows = {1000.1f, -1000.1f, 1e-3f, 2e-3f};
    for (int i = 0; i < 16; i++) {
      gram[i] = rows[i / 4] * rows[i % 4] * (i == 1 || i == 4 ? 1.000001f : 1);
    }
    GramMatrix covariance = GramMatrix.of(4, gram);

    assertThat(loss(covariance, covariance, Clustering.of(new int[] {0, 0, 1, 1})))
        .isGreaterThanOrEqualTo(0)
        .isFinite();
  }
}
