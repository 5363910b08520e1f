package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.repair.GeneratedCalibration;
import dev.pleat.onnx.run.TensorValue;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sequences for encoders whose text nobody has. */
class GeneratedCalibrationTest {
  private static final int TOKENS = 12;

  private static GeneratedCalibration inputs(int count) throws URISyntaxException {
    Path encoder =
        Path.of(
            Objects.requireNonNull(
                    GeneratedCalibrationTest.class.getResource("/exported/bert.torchscript.onnx"))
                .toURI());
    return GeneratedCalibration.of(ModelReader.read(encoder), Map.of(), count, 7, 1);
  }

  private static long[] values(GeneratedCalibration inputs, int entry, String name) {
    return switch (inputs.batch(entry, entry + 1).get(name)) {
      case TensorValue.Integers(long[] shape, long[] values) -> values;
      case null, default -> throw new AssertionError(name);
    };
  }

  @Test
  void sequences_have_many_lengths_and_are_masked_behind_them() throws URISyntaxException {
    GeneratedCalibration inputs = inputs(64);
    int[] lengths =
        IntStream.range(0, 64)
            .map(i -> (int) Arrays.stream(values(inputs, i, "attention_mask")).sum())
            .toArray();

    assertThat(lengths).contains(8, TOKENS);
    assertThat(Arrays.stream(lengths).min().orElseThrow()).isEqualTo(8);
    for (int i = 0; i < lengths.length; i++) {
      long[] mask = values(inputs, i, "attention_mask");
      long[] tokens = values(inputs, i, "input_ids");
      for (int at = 0; at < TOKENS; at++) {
        assertThat(mask[at]).isEqualTo(at < lengths[i] ? 1 : 0);
        assertThat(tokens[at]).isBetween(0L, at < lengths[i] ? 59L : 0L);
      }
    }
  }

  @Test
  void an_entry_does_not_depend_on_the_batch_it_is_read_in() throws URISyntaxException {
    GeneratedCalibration inputs = inputs(8);

    assertThat(inputs.batch(2, 6).get("input_ids"))
        .isInstanceOfSatisfying(
            TensorValue.Integers.class,
            batch ->
                assertThat(Arrays.copyOfRange(batch.values(), TOKENS, 2 * TOKENS))
                    .isEqualTo(values(inputs, 3, "input_ids")));
  }
}
