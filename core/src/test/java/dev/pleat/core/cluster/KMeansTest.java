package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KMeansTest {

  @ParameterizedTest
  @CsvSource({"1,1,1", "13,5,4", "13,13,4", "60,20,60", "60,48,20", "90,3,9", "90,1,9"})
  void lloyd_ends_where_every_channel_is_nearest_to_its_own_mean(int n, int k, int centres) {
    for (int seed = 0; seed < 4; seed++) {
      PlantedFeatures features = PlantedFeatures.of(n, 19, centres, 0.7, seed);

      Clustering found = KMeans.lloyd(features.gram(), k, seed);

      assertThat(found.count()).isEqualTo(k);
      int[][] members = found.members();
      for (int i = 0; i < n; i++) {
        double own = distance(features, i, members[found.clusterOf(i)]);
        for (int[] cluster : members) {
          assertThat(own).isLessThanOrEqualTo(distance(features, i, cluster) * (1 + 1e-5));
        }
      }
    }
  }

  @Test
  void far_centres_are_found_by_every_clusterer() {
    PlantedFeatures features = PlantedFeatures.of(200, 24, 9, 0.05, 4);
    GramMatrix gram = features.gram();
    Clustering planted = WardTree.of(gram).cut(9);

    assertThat(KMeans.lloyd(gram, 9, 1)).isEqualTo(planted);
    assertThat(KMeans.hartigan(gram, 9, 1)).isEqualTo(planted);
  }

  @Test
  void hartigan_is_no_worse_than_lloyd_and_both_beat_chance() {
    double lloyd = 0;
    double hartigan = 0;
    double random = 0;
    for (int seed = 0; seed < 6; seed++) {
      GramMatrix gram = PlantedFeatures.of(120, 16, 60, 0.5, seed).gram();
      lloyd += Objective.of(gram, KMeans.lloyd(gram, 40, seed));
      hartigan += Objective.of(gram, KMeans.hartigan(gram, 40, seed));
      random += Objective.of(gram, RandomClustering.of(120, 40, seed));
    }
    assertThat(hartigan).isLessThanOrEqualTo(lloyd);
    assertThat(lloyd).isLessThan(random / 2);
  }

  @Test
  void the_seed_alone_decides() {
    GramMatrix gram = PlantedFeatures.of(150, 16, 80, 0.5, 3).gram();

    assertThat(KMeans.lloyd(gram, 40, 7)).isEqualTo(KMeans.lloyd(gram, 40, 7));
    assertThat(KMeans.lloyd(gram, 40, 7)).isNotEqualTo(KMeans.lloyd(gram, 40, 8));
  }

  @Test
  void equal_channels_leave_no_cluster_empty() {
    GramMatrix gram = new PlantedFeatures(12, 2, new float[24]).gram();

    assertThat(KMeans.lloyd(gram, 5, 1).count()).isEqualTo(5);
    assertThat(KMeans.hartigan(gram, 5, 1).count()).isEqualTo(5);
  }

  @Test
  void a_width_out_of_range_is_refused() {
    GramMatrix gram = PlantedFeatures.of(12, 3, 4, 0.2, 5).gram();

    assertThatThrownBy(() -> KMeans.lloyd(gram, 13, 0)).isInstanceOf(PleatException.class);
    assertThatThrownBy(() -> KMeans.hartigan(gram, 0, 0)).isInstanceOf(PleatException.class);
  }

  private static double distance(PlantedFeatures features, int channel, int[] cluster) {
    double[] difference = new double[features.columns()];
    for (int j = 0; j < difference.length; j++) {
      int column = j;
      double mean =
          Arrays.stream(cluster)
              .mapToDouble(i -> features.values()[i * features.columns() + column])
              .average()
              .orElseThrow();
      difference[j] = features.values()[channel * features.columns() + j] - mean;
    }
    return Arrays.stream(difference).map(d -> d * d).sum();
  }
}
