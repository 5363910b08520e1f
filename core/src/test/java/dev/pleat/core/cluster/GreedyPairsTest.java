package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GreedyPairsTest {
  private static GramMatrix correlations(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        values[i * n + j] = (float) random.nextDouble(-1, 1);
        values[j * n + i] = values[i * n + j];
      }
      values[i * n + i] = 1;
    }
    return GramMatrix.of(n, values);
  }

  @Test
  void the_most_alike_merge_first_and_each_only_once() {
    GramMatrix alike =
        GramMatrix.of(
            4, new float[] {1, .9f, .8f, .1f, .9f, 1, .7f, .2f, .8f, .7f, 1, 0, .1f, .2f, 0, 1});

    assertThat(GreedyPairs.of(alike, 2)).isEqualTo(Clustering.of(new int[] {0, 0, 1, 1}));
  }

  @ParameterizedTest
  @CsvSource({"12, 6", "12, 4", "12, 5", "7, 3", "9, 1", "5, 5", "10, 7"})
  void as_many_clusters_are_left_as_are_wanted(int n, int k) {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(GreedyPairs.of(correlations(n, seed), k).count()).isEqualTo(k);
    }
  }

  @Test
  void halves_are_pairs() {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(GreedyPairs.of(correlations(16, seed), 8).sizes()).containsOnly(2);
    }
  }
}
