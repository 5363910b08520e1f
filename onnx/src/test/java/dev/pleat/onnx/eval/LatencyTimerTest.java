package dev.pleat.onnx.eval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.core.report.Latency;
import dev.pleat.onnx.run.TensorValue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LatencyTimerTest {
  @Test
  void an_input_without_any_sample_has_a_number_of_samples_to_time() {
    TensorValue none = new TensorValue.Floats(new long[] {0, 3}, new float[0]);
    assertThat(new Samples(Map.of("x", none), 0).throughput()).isPositive();
  }

  @Test
  void the_median_is_the_middle_and_nine_of_ten_are_below_p90() {
    List<Long> nanos = List.of(10_000_000L, 1_000_000L, 3_000_000L, 2_000_000L);
    assertThat(LatencyTimer.latency(nanos, 2)).isEqualTo(new Latency(2.5, 10, 2));
    List<Long> ten = List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 1_000_000L);
    assertThat(LatencyTimer.latency(ten, 1).p90()).isEqualTo(9e-6);
  }
}
