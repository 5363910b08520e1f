package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WardTreeTest {

  @ParameterizedTest
  @CsvSource({"1,1", "2,2", "13,3", "40,5", "61,61", "100,12"})
  void every_cut_is_the_one_that_brute_force_finds(int n, int centres) {
    for (int seed = 0; seed < 5; seed++) {
      PlantedFeatures features = PlantedFeatures.of(n, 17, centres, 0.5, seed);
      WardTree tree = WardTree.of(features.gram());
      List<Clustering> expected = bruteForce(features);
      for (int k = 1; k <= n; k++) {
        assertThat(tree.cut(k)).as("n %d k %d seed %d", n, k, seed).isEqualTo(expected.get(k));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0f, 3f, 1000f})
  void the_curve_is_the_objective_of_every_cut_whatever_offset_the_channels_share(float offset) {
    PlantedFeatures features = PlantedFeatures.of(97, 33, 11, 0.3, 7).shifted(offset);
    GramMatrix gram = features.gram();
    WardTree tree = WardTree.of(gram);
    assertThat(tree.objective(97)).isZero();
    for (int k = 1; k < 97; k++) {
      double expected = features.objective(tree.cut(k));
      assertThat(tree.objective(k)).as("k %d", k).isCloseTo(expected, within(1e-4 * expected));
      assertThat(Objective.of(gram, tree.cut(k))).isCloseTo(expected, within(1e-4 * expected));
      assertThat(tree.objective(k)).isGreaterThanOrEqualTo(tree.objective(k + 1));
    }
  }

  @Test
  void duplicates_merge_first_and_cost_nothing() {
    PlantedFeatures features = PlantedFeatures.of(90, 20, 15, 0, 3);
    int distinct = (int) IntStream.range(0, 90).filter(i -> firstEqual(features, i) == i).count();
    WardTree tree = WardTree.of(features.gram());
    assertThat(tree.objective(distinct)).isCloseTo(0, within(1e-4));
    assertThat(tree.objective(distinct - 1)).isGreaterThan(0.5);
    int[] expected = new int[90];
    for (int i = 0; i < 90; i++) {
      expected[i] = firstEqual(features, i);
    }
    assertThat(tree.cut(distinct)).isEqualTo(Clustering.of(expected));
  }

  @Test
  void equal_channels_tie_at_zero_and_go_to_the_lower_index() {
    WardTree tree = WardTree.of(GramMatrix.of(5, filled(25, 2f)));
    assertThat(tree.objective(1)).isZero();
    assertThat(tree.cut(4).clusterOf()).containsExactly(0, 0, 1, 2, 3);
  }

  @Test
  void points_on_a_grid_with_many_ties_still_make_a_tree_whose_curve_is_right() {
    float[] values = new float[14 * 14 * 2];
    for (int i = 0; i < 14 * 14; i++) {
      values[2 * i] = i % 14;
      values[2 * i + 1] = i / 14;
    }
    PlantedFeatures features = new PlantedFeatures(14 * 14, 2, values);
    WardTree tree = WardTree.of(features.gram());
    for (int k = 1; k <= 14 * 14; k++) {
      assertThat(tree.cut(k).count()).isEqualTo(k);
      double expected = features.objective(tree.cut(k));
      assertThat(tree.objective(k)).isCloseTo(expected, within(1e-4 * expected + 1e-3));
    }
  }

  @Test
  void a_width_out_of_range_is_refused_by_its_value() {
    WardTree tree = WardTree.of(GramMatrix.of(2, new float[] {1, 0, 0, 1}));
    assertThatThrownBy(() -> tree.cut(3))
        .isInstanceOf(PleatException.class)
        .hasMessage("width 3 asked of 2 channels; take 1 to 2");
    assertThatThrownBy(() -> tree.objective(0)).isInstanceOf(PleatException.class);
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  private static int firstEqual(PlantedFeatures features, int i) {
    for (int j = 0; j < i; j++) {
      boolean equal = true;
      for (int p = 0; p < features.columns() && equal; p++) {
        equal =
            features.values()[i * features.columns() + p]
                == features.values()[j * features.columns() + p];
      }
      if (equal) {
        return j;
      }
    }
    return i;
  }

  /** Greedy merging of the pair whose union raises J least, J taken from its definition. */
  private static List<Clustering> bruteForce(PlantedFeatures features) {
    int n = features.rows();
    List<Clustering> byWidth = new ArrayList<>();
    for (int k = 0; k <= n; k++) {
      byWidth.add(Clustering.identity(n));
    }
    for (int k = n - 1; k >= 1; k--) {
      int[][] members = byWidth.get(k + 1).members();
      int[] labels = byWidth.get(k + 1).clusterOf();
      double least = Double.POSITIVE_INFINITY;
      int a = 0;
      int b = 0;
      for (int p = 0; p < members.length; p++) {
        for (int q = 0; q < p; q++) {
          double cost = mergeCost(features, members[p], members[q]);
          if (cost < least) {
            least = cost;
            a = q;
            b = p;
          }
        }
      }
      for (int i = 0; i < n; i++) {
        labels[i] = labels[i] == b ? a : labels[i];
      }
      byWidth.set(k, Clustering.of(labels));
    }
    return byWidth;
  }

  private static double mergeCost(PlantedFeatures features, int[] a, int[] b) {
    double distance = 0;
    for (int p = 0; p < features.columns(); p++) {
      double difference = mean(features, a, p) - mean(features, b, p);
      distance += difference * difference;
    }
    return distance * a.length * b.length / (a.length + b.length);
  }

  private static double mean(PlantedFeatures features, int[] members, int column) {
    double sum = 0;
    for (int i : members) {
      sum += features.values()[i * features.columns() + column];
    }
    return sum / members.length;
  }
}
