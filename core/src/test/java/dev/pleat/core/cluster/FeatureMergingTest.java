package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureMergingTest {

  @ParameterizedTest
  @CsvSource({"2,1", "9,4", "17,17", "40,11", "60,6"})
  void every_merge_is_the_one_that_sums_and_means_of_the_weights_ask_for(int n, int k) {
    for (int seed = 0; seed < 5; seed++) {
      PlantedFeatures rows = PlantedFeatures.of(n, 7, 1 + n / 3, 0.4, seed);
      PlantedFeatures columns = PlantedFeatures.of(n, 5, 1 + n / 2, 0.4, seed + 100);

      Clustering found = FeatureMerging.of(rows.gram(), columns.gram(), k);

      assertThat(found).isEqualTo(byDefinition(rows, columns, k));
    }
  }

  @Test
  void what_is_merged_is_far_from_the_rest_by_its_sum() {
    // Rows on a line: 10 and 10.1 merge to 20.1, which 20 is nearer to than to 10.5.
    float[] points = {10, 10.1f, 10.6f, 20};
    GramMatrix rows = new PlantedFeatures(4, 1, points).gram();
    GramMatrix columns = new PlantedFeatures(4, 1, new float[4]).gram();

    Clustering found = FeatureMerging.of(rows, columns, 2);

    assertThat(found.clusterOf()).containsExactly(0, 0, 1, 0);
  }

  @Test
  void rows_and_columns_must_be_of_the_same_channels() {
    GramMatrix four = new PlantedFeatures(4, 1, new float[4]).gram();
    GramMatrix three = new PlantedFeatures(3, 1, new float[3]).gram();

    assertThatThrownBy(() -> FeatureMerging.of(four, three, 2))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("4 channels are made and 3 are read");
  }

  private record Feature(List<Integer> channels, double[] row, double[] column) {
    double distance(Feature other) {
      double sum = 0;
      for (int i = 0; i < row.length; i++) {
        sum += (row[i] - other.row[i]) * (row[i] - other.row[i]);
      }
      for (int i = 0; i < column.length; i++) {
        sum += (column[i] - other.column[i]) * (column[i] - other.column[i]);
      }
      return sum;
    }

    Feature merged(Feature other) {
      List<Integer> both = new ArrayList<>(channels);
      both.addAll(other.channels);
      double[] sum = row.clone();
      double[] mean = column.clone();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += other.row[i];
      }
      double na = channels.size();
      double nb = other.channels.size();
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (na * column[i] + nb * other.column[i]) / (na + nb);
      }
      return new Feature(both, sum, mean);
    }
  }

  private static Clustering byDefinition(PlantedFeatures rows, PlantedFeatures columns, int k) {
    List<Feature> features = new ArrayList<>();
    for (int i = 0; i < rows.rows(); i++) {
      features.add(new Feature(List.of(i), row(rows, i), row(columns, i)));
    }
    while (features.size() > k) {
      int first = 0;
      int second = 1;
      for (int a = 0; a < features.size(); a++) {
        for (int b = a + 1; b < features.size(); b++) {
          if (features.get(a).distance(features.get(b))
              < features.get(first).distance(features.get(second))) {
            first = a;
            second = b;
          }
        }
      }
      features.set(first, features.get(first).merged(features.remove(second)));
    }
    int[] labels = new int[rows.rows()];
    for (int c = 0; c < features.size(); c++) {
      for (int channel : features.get(c).channels) {
        labels[channel] = c;
      }
    }
    return Clustering.of(labels);
  }

  private static double[] row(PlantedFeatures features, int i) {
    double[] row = new double[features.columns()];
    for (int j = 0; j < row.length; j++) {
      row[j] = features.values()[i * row.length + j];
    }
    return row;
  }
}
