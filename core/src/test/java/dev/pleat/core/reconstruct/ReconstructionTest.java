package dev.pleat.core.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReconstructionTest {

  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
    }
    assertThat(largest).isLessThan(tolerance);
  }

  private static double[] random(int length, long seed) {
    return new Random(seed).doubles(length, -1, 1).toArray();
  }

  private static double[] product(double[] w, double[] b, int n, int k) {
    double[] product = new double[w.length / n * k];
    for (int r = 0; r < w.length / n; r++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < k; j++) {
          product[r * k + j] += w[r * n + i] * b[i * k + j];
        }
      }
    }
    return product;
  }

  @ParameterizedTest
  @CsvSource({"1,1,5,2", "7,3,100,33", "5,70,400,400", "300,270,900,128"})
  void an_exact_linear_map_is_found(int n, int k, int count, int block) {
    Samples samples = Samples.of(n, k, count, 0, 1);

    double[] b = new Reconstruction(samples.moments(block), new double[n * k]).solve(1e-9);

    assertClose(b, samples.map(), 1e-4);
  }

  @Test
  void a_huge_ridge_gives_the_prior() {
    double[] prior = random(12, 2);

    double[] b = new Reconstruction(Samples.of(4, 3, 50, 1, 3).moments(50), prior).solve(1e12);

    assertClose(b, prior, 1e-9);
  }

  @Test
  void channels_that_are_always_zero_leave_the_prior() {
    ChannelMoments silent =
        new Samples(2, 3, 10, new float[20], new float[30], new double[6]).moments(10);
    double[] prior = random(6, 4);

    assertThat(new Reconstruction(silent, prior).solve(0.01)).isEqualTo(prior);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-4, 0.01, 1, 100})
  void no_neighbour_of_the_solution_is_better(double ridge) {
    Samples samples = Samples.of(4, 5, 60, 0.7, 5);
    double[] prior = random(20, 6);
    double[] b = new Reconstruction(samples.moments(16), prior).solve(ridge);
    double least = samples.objective(b, prior, ridge);
    Random random = new Random(7);
    for (int trial = 0; trial < 200; trial++) {
      double scale = Math.pow(10, -3 * random.nextDouble());
      double[] other = Arrays.stream(b).map(v -> v + scale * random.nextGaussian()).toArray();

      assertThat(samples.objective(other, prior, ridge)).isGreaterThan(least);
    }
  }

  @Test
  void the_error_is_the_sum_of_squared_differences() {
    Samples samples = Samples.of(6, 4, 80, 0.5, 8);
    double[] b = random(24, 9);
    double[] equal = new double[6];
    Arrays.fill(equal, 1);

    assertThat(Reconstruction.error(samples.moments(20), b, equal))
        .isCloseTo(samples.objective(b, b, 0), within(1e-3));
  }

  @Test
  void moments_of_linear_functions_give_the_weights_that_the_channels_give() {
    int n = 9;
    int k = 4;
    Samples samples = Samples.of(n, k, 200, 0.6, 10);
    double[] w = random(3 * n, 11);
    double[] prior = random(n * k, 12);
    ChannelMoments moments = samples.moments(64);

    double[] channels = new Reconstruction(moments, prior).solve(0.03);
    double[] mapped = new Reconstruction(moments.mapped(w), product(w, prior, n, k)).solve(0.03);

    assertClose(mapped, product(w, channels, n, k), 1e-9);
    double[] both =
        new Reconstruction(moments.mapped(w).centre(), product(w, prior, n, k)).solve(0.03);
    double[] centred = new Reconstruction(moments.centre(), prior).solve(0.03);
    assertClose(both, product(w, centred, n, k), 1e-9);
  }

  @Test
  void centred_moments_ignore_offsets() {
    Samples samples = Samples.of(5, 3, 300, 0.4, 13);
    double[] prior = random(15, 14);

    double[] plain = new Reconstruction(samples.moments(50).centre(), prior).solve(0.01);
    double[] offset =
        new Reconstruction(samples.offset(-7, 3).moments(50).centre(), prior).solve(0.01);

    assertClose(offset, plain, 1e-4);
    double[] uncentred = new Reconstruction(samples.offset(-7, 3).moments(50), prior).solve(0.01);
    assertThat(Math.abs(uncentred[0] - plain[0])).isGreaterThan(1e-2);
  }

  @Test
  void channels_far_from_zero_are_solved_for_all_the_same() {
    Samples samples = Samples.of(5, 40, 1024, 0.01, 15);

    double[] b =
        new Reconstruction(samples.offset(1e4, 1e4).moments(1024).centre(), new double[200])
            .solve(0.001);

    assertClose(b, samples.map(), 0.1);
  }

  @Test
  void the_bits_do_not_depend_on_the_number_of_threads() {
    assertThat(inPool(3)).isEqualTo(inPool(1));
  }

  private static double[] inPool(int threads) {
    try (ForkJoinPool pool = new ForkJoinPool(threads)) {
      return pool.submit(
              () -> {
                Samples samples = Samples.of(70, 300, 400, 0.5, 16);
                ChannelMoments moments = samples.moments(100).mapped(random(50 * 70, 17));
                double[] prior = new double[50 * 300];
                double[] ones = new double[50];
                Arrays.fill(ones, 1);
                return Reconstruction.solve(
                    moments, samples.moments(400).mapped(random(50 * 70, 17)), prior, ones);
              })
          .join();
    }
  }

  @Test
  void few_noisy_samples_get_a_larger_ridge_than_exact_ones() {
    double[] prior = new double[3 * 20];
    double[] equal = {1, 1, 1};
    Samples exact = Samples.of(3, 20, 400, 0, 18);
    Samples noisy = Samples.of(3, 20, 30, 20, 19);
    double[] ofExact =
        Reconstruction.solve(
            exact.moments(400), Samples.of(3, 20, 400, 0, 18).moments(400), prior, equal);
    double[] ofNoisy =
        Reconstruction.solve(
            noisy.moments(30), Samples.of(3, 20, 30, 20, 20).moments(30), prior, equal);

    assertClose(ofExact, exact.map(), 0.01);
    assertThat(Arrays.stream(ofNoisy).map(Math::abs).max().orElseThrow()).isLessThan(2);
  }

  @Test
  void plain_folding_gives_each_channel_its_cluster_and_dropped_ones_nothing() {
    assertThat(Reconstruction.plain(new int[] {1, -1, 0, 1}, 2))
        .containsExactly(0, 1, 0, 0, 1, 0, 0, 1);
  }
}
