package dev.pleat.report.figures;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {

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
}
