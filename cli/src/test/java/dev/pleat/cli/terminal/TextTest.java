package dev.pleat.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {

  @Test
  void columns_of_a_table_line_up_and_figures_end_together() {
    Table table =
        new Table("what", "n", "why<").row("long name", "7", "a").row("b", "1,234", "because");

    assertThat(table.lines())
        .containsExactly(
            "what           n  why", "long name      7  a", "b          1,234  because");
  }

  @Test
  void a_row_with_too_few_cells_is_refused() {
    assertThatThrownBy(() -> new Table("a", "b").row("c"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row of 1 cells under 2 headings");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.00 kB",
    "11223357, 11.22 MB",
    "999999, 1.00 MB",
    "9223372036854775807, 9.22 EB"
  })
  void bytes_carry_a_unit(long bytes, String text) {
    assertThat(Figures.bytes(bytes)).isEqualTo(text);
  }

  @Test
  void figures_read_the_same_everywhere_and_admit_what_is_unknown() {
    assertThat(Figures.count(2_797_610)).isEqualTo("2,797,610");
    assertThat(Figures.percent(0.9307)).isEqualTo("93.07 %");
    assertThat(Figures.percent(Double.NaN)).isEqualTo("-");
    assertThat(Figures.removed(0.746)).isEqualTo("-74.6 %");
    assertThat(Figures.removed(0)).isEqualTo("+0.0 %");
    assertThat(Figures.milliseconds(2.314)).isEqualTo("2.31 ms");
    assertThat(Figures.plain(0)).isEqualTo("0.0000");
    assertThat(Figures.plain(1.5e-7)).isEqualTo("1.500e-07");
    assertThat(Figures.plain(575_138)).isEqualTo("575,138.0");
    assertThat(Figures.plain(Double.NaN)).isEqualTo("-");
  }

  @Test
  void a_sparkline_runs_from_zero_to_the_largest_value() {
    assertThat(Sparkline.of(new double[] {7, 0, 3.5}, 10)).isEqualTo("█▁▅");
    assertThat(Sparkline.of(new double[] {0, 0}, 10)).isEqualTo("▁▁");
    assertThat(Sparkline.of(new double[] {Double.NaN, 1}, 10)).isEqualTo(" █");
    assertThat(Sparkline.of(new double[0], 10)).isEmpty();
  }

  @Test
  void a_long_curve_keeps_its_ends() {
    double[] falling = new double[64];
    for (int i = 0; i < falling.length; i++) {
      falling[i] = 63 - i;
    }
    assertThat(Sparkline.of(falling, 8)).hasSize(8).startsWith("█").endsWith("▁");
  }
}
