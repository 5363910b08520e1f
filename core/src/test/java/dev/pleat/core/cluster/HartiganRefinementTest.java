package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HartiganRefinementTest {

  @ParameterizedTest
  @CsvSource({"1,1,1", "13,5,4", "13,13,4", "60,20,60", "60,48,20", "60,30,60", "90,3,9", "90,1,9"})
  void it_ends_where_no_single_move_lowers_the_objective(int n, int k, int centres) {
    for (int seed = 0; seed < 6; seed++) {
      GramMatrix gram = PlantedFeatures.of(n, 19, centres, 0.7, seed).gram();
      for (Clustering start :
          new Clustering[] {WardTree.of(gram).cut(k), RandomClustering.of(n, k, seed)}) {
        Clustering refined = HartiganRefinement.refine(gram, start);
        double objective = Objective.of(gram, refined);
        assertThat(refined.count()).isEqualTo(k);
        assertThat(objective).isLessThanOrEqualTo(Objective.of(gram, start) * (1 + 1e-12));
        assertThat(leastAfterOneMove(gram, refined)).isGreaterThan(objective * (1 - 1e-7));
      }
    }
  }

  @Test
  void clusters_that_are_alone_can_grow_and_pairs_can_part() {
    // Pairs {0,1}, {2,3} and the single 4; channel 1 belongs to 4, as no other move shows.
    float[] points = {0, 9, 20, 21, 10};
    GramMatrix gram = new PlantedFeatures(5, 1, points).gram();
    Clustering refined = HartiganRefinement.refine(gram, Clustering.of(new int[] {0, 0, 1, 1, 2}));
    assertThat(refined.clusterOf()).containsExactly(0, 1, 2, 2, 1);
  }

  @Test
  void duplicates_end_it_as_well() {
    PlantedFeatures features = PlantedFeatures.of(120, 8, 10, 0, 5);
    GramMatrix gram = features.gram();
    Clustering refined = HartiganRefinement.refine(gram, RandomClustering.of(120, 30, 1));
    assertThat(Objective.of(gram, refined)).isLessThan(1e-3 * gram.trace());
  }

  @Test
  void dropped_channels_stay_dropped() {
    GramMatrix gram = PlantedFeatures.of(20, 6, 4, 0.2, 5).gram();
    int[] labels = RandomClustering.of(20, 5, 1).clusterOf();
    labels[3] = Clustering.DROPPED;
    labels[19] = Clustering.DROPPED;
    Clustering start = Clustering.of(labels);
    Clustering refined = HartiganRefinement.refine(gram, start);
    assertThat(refined.clusterOf(3)).isEqualTo(Clustering.DROPPED);
    assertThat(refined.clusterOf(19)).isEqualTo(Clustering.DROPPED);
    assertThat(refined.count()).isEqualTo(start.count());
    assertThat(Objective.of(gram, refined)).isLessThan(Objective.of(gram, start));
  }

  @Test
  void a_clustering_of_other_channels_is_refused() {
    GramMatrix gram = PlantedFeatures.of(20, 6, 4, 0.2, 5).gram();
    assertThatThrownBy(() -> HartiganRefinement.refine(gram, Clustering.identity(19)))
        .isInstanceOf(PleatException.class)
        .hasMessage("clustering of 19 channels used on a Gram matrix of 20");
  }

  private static double leastAfterOneMove(GramMatrix gram, Clustering clustering) {
    double least = Double.POSITIVE_INFINITY;
    int[] sizes = clustering.sizes();
    for (int i = 0; i < clustering.channels(); i++) {
      int[] labels = clustering.clusterOf();
      if (sizes[labels[i]] == 1) {
        continue;
      }
      int own = labels[i];
      for (int c = 0; c < clustering.count(); c++) {
        if (c != own) {
          labels[i] = c;
          least = Math.min(least, Objective.of(gram, Clustering.of(labels)));
        }
      }
    }
    return least;
  }
}
