package dev.pleat.core.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalAllocationTest {

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.25, 0.5, 0.75, 0.9})
  void it_is_within_the_budget_and_near_the_best_of_all_widths(double share) {
    List<Double> excess = new ArrayList<>();
    for (int seed = 0; seed < 60; seed++) {
      Chain chain = Chain.random(4, 8, seed);
      long most = (long) (share * chain.of(chain.widest()));
      double best = chain.best(most);

      Optional<int[]> widths = GlobalAllocation.of(chain.grids(), chain.damages(), chain, most);

      if (Double.isInfinite(best)) {
        assertThat(widths).isEmpty();
        continue;
      }
      assertThat(chain.of(widths.orElseThrow())).isLessThanOrEqualTo(most);
      excess.add(chain.damage(widths.get()) / best - 1);
    }
    assertThat(excess).isNotEmpty();
    assertThat(excess.stream().mapToDouble(Double::doubleValue).average().orElseThrow())
        .isLessThan(0.02);
    assertThat(excess).allSatisfy(over -> assertThat(over).isLessThan(0.25));
  }

  @Test
  void a_budget_that_everything_fits_takes_nothing() {
    Chain chain = Chain.random(5, 6, 1);

    assertThat(GlobalAllocation.of(chain.grids(), chain.damages(), chain, chain.of(chain.widest())))
        .hasValue(chain.widest());
  }

  @Test
  void a_group_that_does_no_damage_goes_first() {
    Chain chain = Chain.random(3, 8, 2);
    double[][] damages = chain.damages().clone();
    damages[1] = new double[8];
    int[] emptied = chain.widest();
    emptied[1] = chain.grids()[1][0];

    assertThat(GlobalAllocation.of(chain.grids(), damages, chain, chain.of(emptied)))
        .hasValue(emptied);
  }
}
