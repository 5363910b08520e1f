package dev.pleat.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

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
