package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What more than 46,340 channels need, on few of them: every bit is that of the usual way. */
class BandedGramTest {

  /** Of the same features, with bands of at most some number of values. */
  private static GramMatrix banded(PlantedFeatures features, long mostOfBand, int threads) {
    return new GramAccumulator(
            Features.of(features.rows(), features.values()), BlasProvider.shared(), mostOfBand)
        .run(threads);
  }

  private static void assertSame(GramMatrix banded, GramMatrix whole) {
    assertThat(banded.centred().isWhole()).isFalse();
    assertThat(banded.squares()).isEqualTo(whole.squares());
    for (int i = 0; i < whole.size(); i++) {
      for (int j = 0; j < whole.size(); j++) {
        if (banded.get(i, j) != whole.get(i, j)) {
          assertThat(banded.get(i, j)).as("(%d, %d)", i, j).isEqualTo(whole.get(i, j));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"257,1,0.5", "600,1,0", "900,3,-7", "1021,2,2"})
  void a_gram_matrix_in_bands_has_the_same_bits(int n, int threads, float offset) {
    PlantedFeatures features = PlantedFeatures.of(n, 900, 9, 0.5, n).shifted(offset);
    assertSame(banded(features, 300L * n, threads), features.gram());
  }

  @ParameterizedTest
  @ValueSource(ints = {257, 600})
  void a_tree_that_is_built_in_place_is_the_same_and_leaves_the_matrix_as_it_was(int n) {
    PlantedFeatures features = PlantedFeatures.of(n, 40, n / 5, 0.5, n);
    GramMatrix whole = features.gram();
    GramMatrix banded = banded(features, 256L * n, 1);
    WardTree usual = WardTree.of(whole);
    WardTree inPlace = WardTree.of(banded);
    for (int k = 1; k <= n; k++) {
      assertThat(inPlace.objective(k)).isEqualTo(usual.objective(k));
      assertThat(inPlace.cut(k)).isEqualTo(usual.cut(k));
    }
    assertSame(banded, whole);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void equally_near_clusters_merge_in_the_same_order(long seed) {
    PlantedFeatures features = PlantedFeatures.of(300, 3, 20, 0, seed);
    assertThat(WardTree.of(banded(features, 256L * 300, 1)).cut(7))
        .isEqualTo(WardTree.of(features.gram()).cut(7));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 300, 500})
  void refinement_moves_the_same_channels(int k) {
    PlantedFeatures features = PlantedFeatures.of(600, 30, 90, 0.8, k);
    GramMatrix whole = features.gram();
    GramMatrix banded = banded(features, 256L * 600, 1);
    Clustering start = WardTree.of(whole).cut(k);
    assertThat(HartiganRefinement.refine(banded, start))
        .isEqualTo(HartiganRefinement.refine(whole, start));
    assertThat(Objective.of(banded, start)).isEqualTo(Objective.of(whole, start));
  }
}
