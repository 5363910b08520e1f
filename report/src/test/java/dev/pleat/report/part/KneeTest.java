package dev.pleat.report.part;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.report.InspectReport.Point;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KneeTest {

  @Test
  void the_knee_is_where_a_curve_bends() {
    List<Point> bent =
        IntStream.rangeClosed(1, 64)
            .mapToObj(k -> new Point(k, k <= 16 ? 100 - 6 * k : (64 - k) / 12.0))
            .toList();

    assertThat(Knee.of(bent)).contains(new Point(16, 4));
  }

  @Test
  void a_straight_line_a_flat_one_and_two_points_have_no_knee() {
    List<Point> straight = IntStream.rangeClosed(0, 8).mapToObj(k -> new Point(k, 8 - k)).toList();
    List<Point> flat = IntStream.rangeClosed(1, 8).mapToObj(k -> new Point(k, 0)).toList();

    assertThat(Knee.of(straight)).isEmpty();
    assertThat(Knee.of(flat)).isEmpty();
    assertThat(Knee.of(flat.subList(0, 2))).isEmpty();
    assertThat(Knee.of(List.of())).isEmpty();
  }

  @Test
  void a_curve_of_equivalent_channels_goes_on_at_0_and_lies_between_its_points() {
    Curve curve = new Curve("g", 8, List.of(new Point(1, 10), new Point(4, 0)), Optional.empty());

    assertThat(curve.line()).isEqualTo("25,0 100,100 200,100");
    assertThat(Curve.objective(curve.points(), 2.5)).isCloseTo(5, within(1e-12));
    assertThat(curve.shareAt(6)).isZero();
    assertThat(curve.shareAt(0.5)).isEqualTo(1);
  }
}
