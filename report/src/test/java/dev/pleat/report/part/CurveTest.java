package dev.pleat.report.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.report.InspectReport.Point;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CurveTest {

  @Test
  void a_curve_of_equivalent_channels_goes_on_at_0_and_lies_between_its_points() {
    Curve curve =
        new Curve(
            "g", 8, List.of(new Point(1, 10), new Point(4, 0)), Optional.empty(), Optional.empty());

    assertThat(curve.line()).isEqualTo("25,0 100,100 200,100");
    assertThat(Curve.objective(curve.points(), 2.5)).isCloseTo(5, within(1e-12));
    assertThat(curve.shareAt(6)).isZero();
    assertThat(curve.shareAt(0.5)).isEqualTo(1);
  }
}
