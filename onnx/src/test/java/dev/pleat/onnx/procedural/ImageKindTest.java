package dev.pleat.onnx.procedural;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ImageKindTest {

  @ParameterizedTest
  @EnumSource
  void a_picture_is_its_seed_and_stays_within_its_range(ImageKind kind) {
    float[] picture = kind.picture(3, 20, 36, 7);

    assertThat(picture).hasSize(3 * 20 * 36).isEqualTo(kind.picture(3, 20, 36, 7));
    assertThat(picture).isNotEqualTo(kind.picture(3, 20, 36, 8));
    for (float value : picture) {
      assertThat(value).isBetween(0f, 1f);
    }
  }

  @ParameterizedTest
  @EnumSource
  void any_size_and_number_of_channels_can_be_drawn(ImageKind kind) {
    assertThat(kind.picture(1, 1, 1, 0)).hasSize(1);
    assertThat(kind.picture(4, 3, 200, 0)).hasSize(4 * 3 * 200);
    assertThat(kind.picture(1, 300, 2, 0)).hasSize(300 * 2);
  }

  @Test
  void a_signal_is_its_seed_and_standardised() {
    float[] signal = Signal.draw(2, 500, 3);

    assertThat(signal).hasSize(1000).isEqualTo(Signal.draw(2, 500, 3));
    for (int c = 0; c < 2; c++) {
      double sum = 0;
      double squares = 0;
      for (int t = 0; t < 500; t++) {
        sum += signal[c * 500 + t];
        squares += signal[c * 500 + t] * signal[c * 500 + t];
      }
      assertThat(sum / 500).isBetween(-1e-4, 1e-4);
      assertThat(squares / 500).isBetween(0.999, 1.001);
    }
  }
}
