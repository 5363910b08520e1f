package dev.pleat.core.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.core.linalg.Blas;
import dev.pleat.core.linalg.BlasProvider;
import dev.pleat.core.linalg.Features;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GramMatrixTest {
  private final Blas blas = BlasProvider.shared();

  @ParameterizedTest
  @CsvSource({"1,1,0", "1,5000,1", "13,207,0", "207,1021,1", "207,13,-50", "600,2100,0.5"})
  void it_holds_all_inner_products(int n, int d, float offset) {
    PlantedFeatures features = PlantedFeatures.of(n, d, 7, 0.5, n).shifted(offset);
    GramMatrix gram = features.gram();
    double tolerance = 1e-5 * d * (1 + Math.abs(offset));
    double trace = 0;
    for (int i = 0; i < n; i += 3) {
      for (int j = 0; j < n; j += 5) {
        assertThat(gram.get(i, j)).isCloseTo(features.inner(i, j), within(tolerance));
        assertThat(gram.get(i, j)).isEqualTo(gram.get(j, i));
      }
    }
    for (int i = 0; i < n; i++) {
      assertThat(gram.get(i, i))
          .isCloseTo(features.inner(i, i), within(1e-6 * features.inner(i, i)));
      trace += features.inner(i, i);
    }
    assertThat(gram.trace()).isCloseTo(trace, within(1e-6 * trace));
  }

  @Test
  void distances_survive_an_offset_a_thousand_times_their_size() {
    PlantedFeatures features = PlantedFeatures.of(30, 64, 30, 1, 1);
    GramMatrix near = features.gram();
    GramMatrix far = features.shifted(4096f).gram();
    for (int i = 0; i < 30; i++) {
      for (int j = 0; j < i; j++) {
        // What the features themselves lose when 4096 is added is 2⁻¹² of a value.
        assertThat(far.squaredDistance(i, j))
            .isCloseTo(near.squaredDistance(i, j), within(2e-3 * near.squaredDistance(i, j)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "openblas,1", "openblas,13", "openblas,207", "openblas,1021",
    "vector,1", "vector,13", "vector,207", "vector,1021",
    "java,1", "java,13", "java,207"
  })
  void any_number_of_threads_gives_the_same_bits(String backend, int n) {
    Blas chosen = BlasProvider.named(backend);
    PlantedFeatures planted = PlantedFeatures.of(n, 2500, 9, 0.5, n);
    Features features = Features.of(n, planted.values());
    GramMatrix one = GramMatrix.of(features, chosen, 1);
    for (int threads = 2; threads <= 3; threads++) {
      GramMatrix more = GramMatrix.of(features, chosen, threads);
      assertThat(more.centred().band(0)).isEqualTo(one.centred().band(0));
      assertThat(more.squares()).isEqualTo(one.squares());
      assertThat(more.get(0, n - 1)).isEqualTo(one.get(0, n - 1));
    }
  }

  @Test
  void a_submatrix_is_the_gram_matrix_of_the_chosen_channels() {
    GramMatrix gram = PlantedFeatures.of(11, 40, 3, 0.5, 2).shifted(2f).gram();
    int[] chosen = {7, 2, 10};
    GramMatrix part = gram.submatrix(chosen);
    assertThat(part.size()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(part.get(i, j)).isEqualTo(gram.get(chosen[i], chosen[j]));
      }
    }
  }

  @Test
  void channels_without_features_have_norm_zero() {
    GramMatrix gram = GramMatrix.of(Features.of(3, new float[0]), blas, 2);
    assertThat(gram.trace()).isZero();
    assertThat(WardTree.of(gram).objective(1)).isZero();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void a_value_that_is_not_finite_is_refused_with_its_channel(float value) {
    float[] values = PlantedFeatures.of(50, 30, 5, 0.5, 1).values();
    values[17 * 30 + 4] = value;
    assertThatThrownBy(() -> GramMatrix.of(Features.of(50, values), blas, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("channel 17 ");
  }

  @Test
  void values_too_large_for_single_precision_are_refused() {
    float[] values = {1e18f, -1e18f, 1f, 2f};
    assertThatThrownBy(() -> GramMatrix.of(Features.of(2, values), blas, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("scale the weights");
  }

  @Test
  void more_channels_than_memory_has_room_for_are_refused_before_anything_is_read() {
    Features endless =
        new Features() {
          @Override
          public int rows() {
            return 2_000_000;
          }

          @Override
          public long columns() {
            return 1;
          }

          @Override
          public void copy(long fromColumn, int count, float[] block) {
            throw new AssertionError("read");
          }
        };
    assertThatThrownBy(() -> GramMatrix.of(endless, blas, 1))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("comparing 2000000 channels with each other takes 14901.2 GiB")
        .hasMessageContaining("PLEAT_OPTS=-Xmx18627g");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void features_that_cannot_be_read_say_so_themselves(int threads) {
    PleatException unreadable = new PleatException("model.bin: 12 bytes too short");
    Features features =
        new Features() {
          @Override
          public int rows() {
            return 200;
          }

          @Override
          public long columns() {
            return 3000;
          }

          @Override
          public void copy(long fromColumn, int count, float[] block) {
            if (fromColumn > 1000) {
              throw unreadable;
            }
          }
        };
    assertThatThrownBy(() -> GramMatrix.of(features, blas, threads)).isSameAs(unreadable);
  }

  @Test
  void given_values_must_be_a_symmetric_matrix() {
    assertThatThrownBy(() -> GramMatrix.of(2, new float[3]))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("needs 4 values, got 3");
    assertThatThrownBy(() -> GramMatrix.of(2, new float[] {1, 2, 3, 1}))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("3.0 at (1, 0) and 2.0 at (0, 1)");
    assertThatThrownBy(() -> GramMatrix.of(2, new float[] {1, Float.NaN, Float.NaN, 1}))
        .isInstanceOf(PleatException.class);
    assertThatThrownBy(() -> GramMatrix.of(1, new float[] {-1}))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("channel 0 ");
  }
}
