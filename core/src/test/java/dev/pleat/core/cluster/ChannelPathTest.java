package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPathTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 30, 90})
  void it_visits_every_channel_once_and_no_turn_shortens_it(int n) {
    GramMatrix gram = PlantedFeatures.of(n, 11, 1 + n / 4, 0.5, n).gram();

    int[] path = ChannelPath.of(gram);

    assertThat(path).containsExactlyInAnyOrder(IntStream.range(0, n).toArray());
    double length = ChannelPath.length(gram, path);
    for (int from = 0; from < n; from++) {
      for (int to = from + 1; to < n; to++) {
        int[] turned = path.clone();
        for (int p = from; p <= to; p++) {
          turned[p] = path[from + to - p];
        }
        assertThat(ChannelPath.length(gram, turned)).isGreaterThan(length * (1 - 1e-6));
      }
    }
  }

  @Test
  void channels_on_a_curve_are_put_in_its_order() {
    int n = 64;
    int[] order = new SplitMix64(3).permutation(n);
    float[] values = new float[2 * n];
    double straight = 0;
    for (int place = 0; place < n; place++) {
      values[2 * order[place]] = place;
      values[2 * order[place] + 1] = place * place / 64f;
      straight += place == 0 ? 0 : Math.hypot(1, (2 * place - 1) / 64.0);
    }
    GramMatrix gram = new PlantedFeatures(n, 2, values).gram();

    double length = ChannelPath.length(gram, ChannelPath.of(gram));

    assertThat(length).isCloseTo(straight, within(1e-2));
  }
}
