package dev.pleat.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.DoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UniformAllocationTest {

  @ParameterizedTest
  @ValueSource(doubles = {0.05, 0.2, 0.4, 0.6, 0.8, 0.99, 1})
  void no_group_can_grow_a_step_towards_the_next_smaller_share_within_the_budget(double share) {
    for (int seed = 0; seed < 40; seed++) {
      Chain chain = Chain.random(6, 16, seed);
      DoubleFunction<int[]> kept =
          removed ->
              Arrays.stream(chain.grids())
                  .mapToInt(grid -> grid[(int) Math.round((1 - removed) * (grid.length - 1))])
                  .toArray();
      long most = (long) (share * chain.of(chain.widest()));

      int[] widths = UniformAllocation.of(kept, chain, most).orElse(new int[0]);

      if (widths.length == 0) {
        assertThat(chain.of(kept.apply(1))).isGreaterThan(most);
        continue;
      }
      assertThat(chain.of(widths)).isLessThanOrEqualTo(most);
      int most16ths = points(chain, widths).max().orElseThrow();
      int least16ths = points(chain, widths).min().orElseThrow();
      assertThat(most16ths - least16ths).isLessThanOrEqualTo(1);
      for (int g = 0; g < widths.length; g++) {
        int[] grown = widths.clone();
        int at = Arrays.binarySearch(chain.grids()[g], widths[g]);
        if (at == least16ths && at < 15) {
          grown[g] = chain.grids()[g][at + 1];
          assertThat(chain.of(grown)).isGreaterThan(most);
        }
      }
    }
  }

  private static java.util.stream.IntStream points(Chain chain, int[] widths) {
    return java.util.stream.IntStream.range(0, widths.length)
        .map(g -> Arrays.binarySearch(chain.grids()[g], widths[g]));
  }
}
