package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.report.ClusterCount;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusteringTest {

  @Test
  void clusters_are_numbered_by_their_lowest_member() {
    Clustering clustering =
        Clustering.of(new int[] {7, Clustering.DROPPED, 3, 7, -5, Integer.MAX_VALUE, 3});
    assertThat(clustering.clusterOf()).containsExactly(0, -1, 1, 0, 2, 3, 1);
    assertThat(clustering.count()).isEqualTo(4);
    assertThat(clustering.sizes()).containsExactly(2, 2, 1, 1);
    assertThat(clustering.sizeCounts())
        .containsExactly(new ClusterCount(1, 2), new ClusterCount(2, 2));
    assertThat(clustering.members()).isDeepEqualTo(new int[][] {{0, 3}, {2, 6}, {4}, {5}});
    assertThat(clustering.isIdentity()).isFalse();
  }

  @Test
  void keeping_drops_the_others() {
    Clustering clustering = Clustering.keep(new int[] {4, 1}, 5);
    assertThat(clustering.clusterOf()).containsExactly(-1, 0, -1, -1, 1);
    assertThat(Clustering.identity(3)).isEqualTo(Clustering.keep(new int[] {0, 1, 2}, 3));
    assertThat(Clustering.identity(3).isIdentity()).isTrue();
  }

  @Test
  void hostile_input_is_refused() {
    assertThatThrownBy(() -> Clustering.of(new int[0])).isInstanceOf(PleatException.class);
    assertThatThrownBy(() -> Clustering.of(new int[] {-1, -1}))
        .isInstanceOf(PleatException.class)
        .hasMessage("clustering of 2 channels keeps none; keep at least one");
    assertThatThrownBy(() -> Clustering.keep(new int[] {1, 1}, 3))
        .isInstanceOf(PleatException.class);
    assertThatThrownBy(() -> Clustering.keep(new int[] {3}, 3))
        .isInstanceOf(PleatException.class)
        .hasMessage("channels to keep: 3 is named twice or not in [0, 3)");
  }

  @ParameterizedTest
  @CsvSource({"1,1", "10,3", "10,10", "1021,207"})
  void random_clusters_have_equal_sizes_and_follow_the_seed(int n, int k) {
    Clustering clustering = RandomClustering.of(n, k, 42);
    assertThat(clustering.count()).isEqualTo(k);
    assertThat(IntStream.of(clustering.sizes()))
        .allMatch(size -> size == n / k || size == n / k + 1);
    assertThat(RandomClustering.of(n, k, 42)).isEqualTo(clustering);
  }

  @Test
  void the_generator_gives_the_published_numbers() {
    SplitMix64 random = new SplitMix64(1234567);
    assertThat(random.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(random.nextLong()).isEqualTo(3203168211198807973L);
    assertThat(new SplitMix64(-1).nextInt(Integer.MAX_VALUE)).isNotNegative();
    assertThat(new SplitMix64(5).permutation(9))
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void pruning_keeps_the_largest_norms_and_of_equal_ones_the_lower_channel() {
    double[] norms = {1, 5, 2, 5, 2};
    assertThat(MagnitudePruning.of(norms, 3).clusterOf()).containsExactly(-1, 0, 1, 2, -1);
    assertThatThrownBy(() -> MagnitudePruning.of(new double[] {1, Double.NaN}, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("channel 1 is NaN");
    assertThatThrownBy(() -> MagnitudePruning.of(norms, 6)).isInstanceOf(PleatException.class);
  }

  @Test
  void the_objective_of_dropping_is_the_squared_norm_that_is_lost() {
    PlantedFeatures features = PlantedFeatures.of(6, 9, 6, 0, 1).shifted(1f);
    Clustering pruned = Clustering.keep(new int[] {0, 2, 5}, 6);
    double lost = features.inner(1, 1) + features.inner(3, 3) + features.inner(4, 4);
    assertThat(Objective.of(features.gram(), pruned)).isCloseTo(lost, within(1e-5 * lost));
  }
}
