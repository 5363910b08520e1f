package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixingTest {

  @Test
  void folding_means_what_is_made_and_sums_what_is_read_and_feature_merging_the_reverse() {
    Clustering pairs = Clustering.of(new int[] {0, 1, 0, Clustering.DROPPED});

    Mixing folded = Mixing.mean(pairs);
    Mixing merged = Mixing.sum(pairs);

    assertThat(folded.sources()).isDeepEqualTo(new int[][] {{0, 2}, {1}});
    assertThat(folded.made()).isDeepEqualTo(new double[][] {{0.5, 0.5}, {1}});
    assertThat(folded.read()).isDeepEqualTo(new double[][] {{1, 1}, {1}});
    assertThat(merged.made()).isDeepEqualTo(new double[][] {{1, 1}, {1}});
    assertThat(merged.scaled()).isDeepEqualTo(new double[][] {{0.5, 0.5}, {1}});
    assertThat(merged.read()).isDeepEqualTo(new double[][] {{0.5, 0.5}, {1}});
  }

  @ParameterizedTest
  @CsvSource({"2,1", "5,2", "9,5", "10,7", "64,63", "64,20", "64,1"})
  void a_straight_line_is_sampled_from_end_to_end(int n, int k) {
    int[] path = new SplitMix64(n).permutation(n);

    Mixing mixing = Mixing.resampled(new int[][] {path}, k);

    assertThat(mixing.clustering().count()).isEqualTo(k);
    double[] line = new double[n];
    IntStream.range(0, n).forEach(place -> line[path[place]] = place);
    double[] sampled = applied(mixing.sources(), mixing.made(), line);
    Arrays.sort(sampled);
    for (int j = 0; j < k; j++) {
      double expected = k == 1 ? (n - 1) / 2.0 : j * (n - 1.0) / (k - 1);
      assertThat(sampled[j]).isCloseTo(expected, within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({"65,33", "65,17", "129,33"})
  void an_integral_keeps_its_value_where_the_functions_are_smooth(int n, int k) {
    int[] path = new SplitMix64(n).permutation(n);
    Mixing mixing = Mixing.resampled(new int[][] {path}, k);
    double[] channel = new double[n];
    double[] column = new double[n];
    for (int place = 0; place < n; place++) {
      double x = place / (n - 1.0);
      boolean end = place == 0 || place == n - 1;
      channel[path[place]] = 1 + x;
      column[path[place]] = (2 + Math.sin(3 * x)) * (end ? 0.5 : 1);
    }

    double before = product(channel, column);
    double after =
        product(
            applied(mixing.sources(), mixing.made(), channel),
            applied(mixing.sources(), mixing.read(), column));

    assertThat(after / before).isCloseTo(1, within(0.005));
  }

  @Test
  void partitions_are_sampled_each_by_itself() {
    Mixing mixing = Mixing.resampled(new int[][] {{2, 0, 4}, {5, 1, 3}}, 2);

    assertThat(mixing.clustering().count()).isEqualTo(4);
    for (int[] sources : mixing.sources()) {
      assertThat(sources[0] % 2).isEqualTo(sources[1] % 2);
    }
  }

  private static double[] applied(int[][] sources, double[][] weights, double[] values) {
    double[] mixed = new double[sources.length];
    for (int c = 0; c < mixed.length; c++) {
      for (int m = 0; m < sources[c].length; m++) {
        mixed[c] += weights[c][m] * values[sources[c][m]];
      }
    }
    return mixed;
  }

  private static double product(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }
}
