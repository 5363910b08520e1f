package dev.pleat.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.repair.GeneratedCalibration;
import dev.pleat.onnx.run.TensorValue;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** What 64 inputs hold for a network that looks its only input up in a table of 50 rows. */
  private static float[] lookedUp(Graph graph, String indices, Path folder) {
    String table = graph.floats("table", new float[50 * 4], 50, 4);
    graph.node("Gather", List.of(table, indices), List.of("y"));
    OnnxModel model = ModelReader.read(graph.output("y").write(folder.resolve("model.onnx")));
    GeneratedCalibration inputs = GeneratedCalibration.of(model, Map.of(), 64, 7, 1);
    return ((TensorValue.Floats) Objects.requireNonNull(inputs.batch(0, 64).get("x"))).values();
  }

  private static void areTokens(float[] values) {
    Set<Float> different = new HashSet<>();
    for (float value : values) {
      assertThat(value).isBetween(0f, 49f).isEqualTo((float) Math.rint(value));
      different.add(value);
    }
    assertThat(different).hasSize(50);
  }

  @Test
  void numbers_of_tokens_may_be_floating_point(@TempDir Path folder) {
    Graph graph = new Graph(17);
    String x = graph.input("x", 1, 21);

    areTokens(lookedUp(graph, graph.node("Cast", List.of(x), Graph.integer("to", 7)), folder));
  }

  @Test
  void numbers_of_tokens_may_be_wrapped_around_the_table(@TempDir Path folder) {
    Graph graph = new Graph(17);
    String x = graph.input("x", 1, 21);
    AttributeProto whole = Graph.integer("to", 7);
    String at = graph.node("Cast", List.of(x), whole);
    String less = graph.node("Less", List.of(at, graph.longs("zero", 0)));
    String wrapped = graph.node("Add", List.of(at, graph.longs("rows", 50)));
    String below = graph.node("Cast", List.of(less), whole);
    String above = graph.node("Cast", List.of(graph.node("Not", List.of(less))), whole);
    String first = graph.node("Mul", List.of(wrapped, below));
    String second = graph.node("Mul", List.of(at, above));

    areTokens(lookedUp(graph, graph.node("Add", List.of(first, second)), folder));
  }

  @Test
  void numbers_of_tokens_may_be_a_part_of_an_input(@TempDir Path folder) {
    Graph graph = new Graph(17);
    String x = graph.input("x", 1, 2, 16);
    String all = graph.node("Cast", List.of(x), Graph.integer("to", 7));
    String one = graph.longs("one", 1);
    String part = graph.node("Gather", List.of(all, one), Graph.integer("axis", 1));

    areTokens(lookedUp(graph, part, folder));
  }
}
