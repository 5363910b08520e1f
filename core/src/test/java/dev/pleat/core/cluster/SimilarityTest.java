package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import dev.pleat.core.report.SimilarityMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimilarityTest {
  private static final int COLUMNS = 24;

  /** Correlations from their definition, in the order of clusters from large to small. */
  private static double[][] expected(PlantedFeatures features, List<int[]> merged) {
    double[] mean = new double[COLUMNS];
    double[][] rows = new double[merged.size()][COLUMNS];
    for (int p = 0; p < COLUMNS; p++) {
      for (int i = 0; i < features.rows(); i++) {
        mean[p] += features.values()[i * COLUMNS + p] / (double) features.rows();
      }
      for (int r = 0; r < rows.length; r++) {
        for (int i : merged.get(r)) {
          rows[r][p] += features.values()[i * COLUMNS + p] / (double) merged.get(r).length;
        }
        rows[r][p] -= mean[p];
      }
    }
    double[][] cosines = new double[rows.length][rows.length];
    for (int r = 0; r < rows.length; r++) {
      for (int c = 0; c < rows.length; c++) {
        cosines[r][c] =
            inner(rows[r], rows[c]) / Math.sqrt(inner(rows[r], rows[r]) * inner(rows[c], rows[c]));
      }
    }
    return cosines;
  }

  private static double inner(double[] left, double[] right) {
    double sum = 0;
    for (int p = 0; p < left.length; p++) {
      sum += left[p] * right[p];
    }
    return sum;
  }

  private static void assertCells(SimilarityMap map, double[][] expected) {
    for (int r = 0; r < map.side(); r++) {
      for (int c = 0; c < map.side(); c++) {
        assertThat(map.cells()[r * map.side() + c] / 127.0)
            .as("(%d, %d)", r, c)
            .isCloseTo(expected[r][c], within(0.5 / 127 + 1e-4));
      }
    }
  }

  @Test
  void cells_are_correlations_of_channels_and_of_the_means_of_clusters() {
    PlantedFeatures features = PlantedFeatures.of(40, COLUMNS, 7, 0.4, 3).shifted(5);
    Clustering clustering = WardTree.of(features.gram()).cut(9);
    List<int[]> clusters = new ArrayList<>(List.of(clustering.members()));
    clusters.sort((a, b) -> b.length - a.length);
    List<int[]> channels =
        clusters.stream().flatMapToInt(Arrays::stream).mapToObj(i -> new int[] {i}).toList();

    Similarity similarity = Similarity.of(features.gram(), clustering);

    assertThat(similarity.before().side()).isEqualTo(40);
    assertCells(similarity.before(), expected(features, channels));
    assertThat(similarity.after().side()).isEqualTo(9);
    assertCells(similarity.after(), expected(features, clusters));
  }

  @Test
  void of_many_channels_those_of_the_largest_clusters_are_shown_and_what_they_became() {
    PlantedFeatures features = PlantedFeatures.of(300, COLUMNS, 30, 0.1, 4);
    Clustering clustering = WardTree.of(features.gram()).cut(30);
    int[] sizes = Arrays.stream(clustering.sizes()).map(size -> -size).sorted().toArray();
    int needed = 0;
    for (int members = 0; members < 64; needed++) {
      members -= sizes[needed];
    }

    Similarity similarity = Similarity.of(features.gram(), clustering);

    assertThat(similarity.before().channels()).isEqualTo(300);
    assertThat(similarity.before().side()).isEqualTo(64);
    assertThat(similarity.after().channels()).isEqualTo(30);
    assertThat(similarity.after().side()).isEqualTo(needed);
    assertThat(similarity.before().cells()[1]).isGreaterThan((byte) 110);
  }

  @Test
  void channels_that_are_all_equal_are_like_no_other_rather_than_not_a_number() {
    float[] values = new float[5 * COLUMNS];
    Arrays.fill(values, 3);
    GramMatrix gram = GramMatrix.of(Features.of(5, values), BlasProvider.shared(), 1);

    SimilarityMap map = Similarity.of(gram, Clustering.of(new int[] {0, 0, 1, 1, 1})).before();

    assertThat(map.cells()).containsOnly(0);
  }

  @Test
  void dropped_channels_come_last() {
    PlantedFeatures features = PlantedFeatures.of(6, COLUMNS, 6, 0.2, 5);
    Clustering kept = Clustering.keep(new int[] {4, 1}, 6);
    List<int[]> order =
        List.of(
            new int[] {1},
            new int[] {4},
            new int[] {0},
            new int[] {2},
            new int[] {3},
            new int[] {5});

    Similarity similarity = Similarity.of(features.gram(), kept);

    assertCells(similarity.before(), expected(features, order));
    assertThat(similarity.after().side()).isEqualTo(2);
  }

  @Test
  void a_clustering_of_other_channels_is_refused() {
    GramMatrix gram = PlantedFeatures.of(6, COLUMNS, 2, 0.2, 5).gram();

    assertThatThrownBy(() -> Similarity.of(gram, Clustering.identity(5)))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("5 channels");
  }
}
