package dev.pleat.core.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Eliminations and fits of more channels than samples, held to the usual way on few of both. */
class SampleSpaceTest {
  private final Blas blas = BlasProvider.shared();

  /** T×n values whose channels differ in scale. */
  private static float[] samples(int n, int count, long seed) {
    Random random = new Random(seed);
    float[] samples = new float[count * n];
    for (int at = 0; at < samples.length; at++) {
      samples[at] = (float) (random.nextGaussian() * (1 + at % n % 7));
    }
    return samples;
  }

  private static ChannelElimination.Symmetric moments(int n, float[] samples) {
    return (i, j) -> {
      double sum = 0;
      for (int at = 0; at < samples.length; at += n) {
        sum += (double) samples[at + i] * samples[at + j];
      }
      return sum;
    };
  }

  @ParameterizedTest
  @CsvSource({"5,1", "40,11", "207,100", "700,300"})
  void the_inverse_is_that_of_the_moments(int n, int count) {
    float[] samples = samples(n, count, n);
    RidgeInverse dense = new DenseInverse(n, moments(n, samples));
    RidgeInverse sampled = new SampledInverse(n, samples, blas);

    for (int i = 0; i < n; i += 3) {
      double[] row = sampled.row(i);
      double[] expected = dense.row(i);
      double size = 0;
      double difference = 0;
      for (int j = 0; j < n; j++) {
        size += expected[j] * expected[j];
        difference += (row[j] - expected[j]) * (row[j] - expected[j]);
      }
      assertThat(Math.sqrt(difference / size)).as("row %d", i).isLessThan(1e-4);
      assertThat(sampled.diagonal(i)).isCloseTo(dense.diagonal(i), withinPercentage(0.01));
    }
  }

  @ParameterizedTest
  @CsvSource({"40,11,1", "120,50,2", "300,90,3"})
  void the_same_channels_stay_and_the_same_is_lost(int n, int count, long seed) {
    float[] samples = samples(n, count, seed);
    ChannelElimination.Symmetric products = moments(n, samples(n, 20, seed + 10));
    RidgeInverse dense = new DenseInverse(n, moments(n, samples));
    RidgeInverse sampled = new SampledInverse(n, samples, blas);

    assertThat(ChannelElimination.survivors(sampled, products, n / 2))
        .isEqualTo(ChannelElimination.survivors(dense, products, n / 2));
    double[] expected = ChannelElimination.changes(dense, products, n / 2);
    double[] changes = ChannelElimination.changes(sampled, products, n / 2);
    for (int left = n / 2; left < n; left++) {
      assertThat(changes[left]).isCloseTo(expected[left], withinPercentage(0.1));
    }
  }

  @Test
  void channels_that_are_always_zero_go_first() {
    int n = 30;
    float[] samples = samples(n, 8, 4);
    for (int at = 3; at < samples.length; at += n) {
      samples[at] = 0;
      samples[at + 9] = 0;
    }
    ChannelElimination.Symmetric products = moments(n, samples(n, 40, 5));

    assertThat(ChannelElimination.survivors(new SampledInverse(n, samples, blas), products, n - 2))
        .doesNotContain(3, 12);
  }

  @ParameterizedTest
  @CsvSource({"3,40,16,12", "9,100,64,64", "300,90,60,50", "2,700,320,280"})
  void a_fit_in_the_space_of_samples_is_the_usual_fit(int n, int k, int count, int fitted) {
    Samples all = Samples.of(n, k, count, 0.5, k);
    double[] prior = new Random(1).doubles((long) n * k, -1, 1).toArray();
    double[] weights = new double[n];
    Arrays.fill(weights, 1);
    float[] reduced = new float[count * k];
    for (int j = 0; j < k; j++) {
      for (int t = 0; t < count; t++) {
        reduced[t * k + j] = all.g()[j * count + t];
      }
    }

    double[] expected =
        Reconstruction.solve(
            all.part(0, fitted).moments(64), all.part(fitted, count).moments(64), prior, weights);
    double[] b = SampleReconstruction.solve(k, all.h(), reduced, fitted, prior, blas);

    for (int at = 0; at < b.length; at++) {
      assertThat(Math.abs(b[at] - expected[at])).as("value %d", at).isLessThan(1e-4);
    }
  }

  @Test
  void silent_channels_leave_what_was_known_before() {
    double[] prior = new Random(2).doubles(3 * 20, -1, 1).toArray();

    assertThat(SampleReconstruction.solve(20, new float[3 * 5], new float[5 * 20], 4, prior, blas))
        .isEqualTo(prior);
  }
}
