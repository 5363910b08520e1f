package dev.pleat.report.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "0.4, 0.936",
    "0.93, 0.9301",
    "0.5, 0.5",
    "0, 0",
    "3.5, 4.1",
    "0, 1.37",
    "120, 98000"
  })
  void ticks_are_few_even_and_around_all_values(double least, double most) {
    Axis axis = Axis.linear(least, most);

    List<Double> ticks = axis.ticks();
    assertThat(ticks).hasSizeBetween(2, 8);
    assertThat(ticks.getFirst()).isLessThanOrEqualTo(least);
    assertThat(ticks.getLast()).isGreaterThanOrEqualTo(most);
    for (int i = 0; i < ticks.size(); i++) {
      assertThat(axis.at(ticks.get(i))).isCloseTo((double) i / (ticks.size() - 1), within(1e-9));
    }
  }

  @ParameterizedTest
  @CsvSource({"3.548, 31000", "1, 1", "0.02, 7", "20, 20.5"})
  void ratios_are_even_on_a_logarithmic_axis(double least, double most) {
    Axis axis = Axis.logarithmic(least, most);

    assertThat(axis.ticks()).hasSizeGreaterThan(1).isSorted();
    assertThat(axis.ticks().getFirst()).isLessThanOrEqualTo(least);
    assertThat(axis.ticks().getLast()).isGreaterThanOrEqualTo(most);
    assertThat(axis.at(2 * least) - axis.at(least))
        .isCloseTo(axis.at(6 * least) - axis.at(3 * least), within(1e-9));
  }

  @Test
  void labels_have_the_decimals_that_tell_them_apart() {
    Axis shares = Axis.linear(0.93, 0.936);
    Axis perplexities = Axis.logarithmic(3.5, 4000);

    assertThat(shares.ticks().stream().map(tick -> shares.label(tick, 100)))
        .startsWith("93.0", "93.2")
        .doesNotHaveDuplicates();
    assertThat(perplexities.label(5000, 1)).isEqualTo("5,000");
    assertThat(Axis.linear(0.1, 1).label(0.6, 100)).isEqualTo("60");
  }

  @Test
  void round_values_are_written_beside_a_logarithmic_axis() {
    assertThat(Axis.logarithmic(3.5, 60).ticks())
        .containsExactly(2.0, 5.0, 10.0, 20.0, 50.0, 100.0);
  }
}
