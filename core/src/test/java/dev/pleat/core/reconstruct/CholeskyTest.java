package dev.pleat.core.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CholeskyTest {

  /** A symmetric positive definite matrix. */
  private static double[] definite(int size, Random random) {
    double[] a = random.doubles((long) size * size, -1, 1).toArray();
    double[] matrix = new double[size * size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        for (int s = 0; s < size; s++) {
          matrix[i * size + j] += a[i * size + s] * a[j * size + s];
        }
      }
      matrix[i * size + i] += 0.5;
    }
    return matrix;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 130, 200})
  void a_system_of_any_size_is_solved_from_the_lower_triangle(int size) {
    Random random = new Random(size);
    double[] matrix = definite(size, random);
    int rows = 35;
    double[] x = random.doubles((long) rows * size, -1, 1).toArray();
    double[] right = new double[rows * size];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          right[r * size + j] += x[r * size + i] * matrix[i * size + j];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        matrix[i * size + j] = Double.NaN;
      }
    }

    Cholesky.of(size, matrix).solve(right);

    assertThat(right).containsExactly(x, within(1e-8));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 130, 200})
  void the_inverse_times_the_matrix_is_one_and_both_its_halves_are_the_same(int size) {
    double[] matrix = definite(size, new Random(size));

    double[] inverse = Cholesky.of(size, matrix.clone()).inverse();

    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double product = 0;
        for (int s = 0; s < size; s++) {
          product += inverse[i * size + s] * matrix[s * size + j];
        }
        assertThat(product).isCloseTo(i == j ? 1 : 0, within(1e-9));
        assertThat(inverse[i * size + j]).isEqualTo(inverse[j * size + i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 62, 63, 64, 65, 129})
  void an_indefinite_matrix_is_refused_whichever_row_makes_it_so(int row) {
    int size = 130;
    double[] matrix = definite(size, new Random(1));
    matrix[row * size + row] = -1;

    assertThatThrownBy(() -> Cholesky.of(size, matrix))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("row " + row);
  }

  @Test
  void a_matrix_with_a_value_that_is_no_number_is_refused() {
    assertThatThrownBy(() -> Cholesky.of(2, new double[] {1, 0, Double.NaN, 1}))
        .isInstanceOf(ArithmeticException.class);
  }
}
