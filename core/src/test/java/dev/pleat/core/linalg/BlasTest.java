package dev.pleat.core.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlasTest {
  private static final Blas REFERENCE = BlasProvider.named("java");

  @ParameterizedTest
  @CsvSource({
    "openblas,1,1", "openblas,13,207", "openblas,207,13", "openblas,207,1021", "openblas,1021,13",
    "vector,1,1", "vector,13,207", "vector,207,13", "vector,207,1021", "vector,1021,13"
  })
  void every_backend_adds_the_reference_s_gram_matrix(String name, int n, int d) {
    Blas blas = BlasProvider.named(name);
    MatrixView a = random(n, d, d + 3, 5, 1);
    MatrixView expected = random(n, n, n + 1, 2, 2);
    MatrixView actual = random(n, n, n + 1, 2, 2);
    REFERENCE.addGram(a, expected);
    blas.addGram(a, actual);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        assertThat(at(actual, i, j)).isCloseTo(at(expected, i, j), within(tolerance(d)));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "openblas,1,13,207", "openblas,13,1,1021", "openblas,207,13,1", "openblas,207,1021,13",
    "vector,1,13,207", "vector,13,1,1021", "vector,207,13,1", "vector,207,1021,13"
  })
  void every_backend_adds_the_reference_s_product(String name, int m, int n, int d) {
    Blas blas = BlasProvider.named(name);
    MatrixView a = random(m, d, d, 7, 1);
    MatrixView b = random(n, d, d + 11, 0, 2);
    MatrixView expected = random(m, n, n + 1, 3, 3);
    MatrixView actual = random(m, n, n + 1, 3, 3);
    REFERENCE.addProduct(a, b, expected);
    blas.addProduct(a, b, actual);
    for (int i = 0; i < expected.values().length; i++) {
      // What lies between and around the rows must stay as it was.
      assertThat(actual.values()[i]).isCloseTo(expected.values()[i], within(tolerance(d)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"openblas", "vector", "java"})
  void calls_from_many_threads_give_the_bits_of_one(String name) {
    Blas blas = BlasProvider.named(name);
    List<float[]> results =
        IntStream.range(0, 8)
            .mapToObj(t ->
                CompletableFuture.supplyAsync(() -> {
                  MatrixView c = new MatrixView(new float[61 * 61], 0, 61, 61, 61);
                  for (int repeat = 0; repeat < 20; repeat++) {
                    blas.addGram(random(61, 300, 300, 0, repeat), c);
                  }
                  return c.values();
                }))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    assertThat(results).allSatisfy(result -> assertThat(result).isEqualTo(results.getFirst()));
  }

  @Test
  void views_that_leave_their_array_and_shapes_that_do_not_fit_are_refused() {
    float[] values = new float[12];
    assertThat(new MatrixView(values, 1, 2, 3, 8).rows()).isEqualTo(2);
    for (int[] wrong :
        new int[][] {
          {2, 2, 3, 8}, {-1, 1, 1, 1}, {0, 0, 1, 1}, {0, 2, 3, 2}, {0, 50_000, 1, 50_000}
        }) {
      assertThatThrownBy(() -> new MatrixView(values, wrong[0], wrong[1], wrong[2], wrong[3]))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    MatrixView a = new MatrixView(values, 0, 3, 4, 4);
    for (String name : List.of("openblas", "vector", "java")) {
      assertThatThrownBy(() -> BlasProvider.named(name).addGram(a, a))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void an_unknown_backend_is_refused_by_its_name() {
    assertThatThrownBy(() -> BlasProvider.named("cuda"))
        .isInstanceOf(PleatException.class)
        .hasMessage("pleat.blas=cuda: no such backend; choose openblas, vector or java");
  }

  @Test
  void the_shared_backend_is_the_fastest_one() {
    assertThat(BlasProvider.shared().name()).isEqualTo("openblas");
    assertThat(BlasProvider.shared()).isSameAs(BlasProvider.shared());
    assertThat(BlasProvider.shared().description()).startsWith("OpenBLAS 0.");
  }

  @Test
  void features_must_fill_their_rows() {
    assertThatThrownBy(() -> Features.of(3, new float[7]))
        .isInstanceOf(PleatException.class)
        .hasMessage("features: 7 values cannot be cut into 3 equal rows");
  }

  private static float tolerance(int d) {
    return 2e-6f * (d + 10);
  }

  private static float at(MatrixView matrix, int i, int j) {
    return matrix.values()[matrix.row(i) + j];
  }

  private static MatrixView random(int rows, int columns, int stride, int offset, long seed) {
    Random random = new Random(seed);
    float[] values = new float[offset + rows * stride];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return new MatrixView(values, offset, rows, columns, stride);
  }
}
