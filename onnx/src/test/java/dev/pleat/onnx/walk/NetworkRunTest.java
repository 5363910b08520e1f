package dev.pleat.onnx.walk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.PleatException;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.RandomArchitecture;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NetworkRunTest {
  private static final int COUNT = 7;

  @TempDir private Path folder;

  private static TensorValue.Floats noise(int count) {
    Random random = new Random(2);
    float[] values = new float[count * 108];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new TensorValue.Floats(new long[] {count, 3, 6, 6}, values);
  }

  private static HeldInputs inputs(int count) {
    return new HeldInputs("noise", "image", noise(count));
  }

  private Network network(long seed) {
    OnnxModel model =
        ModelReader.read(
            RandomArchitecture.of(seed, false)
                .write(folder.resolve("model-%d.onnx".formatted(seed))));
    return new Network("the model", model.proto(), model.file(), model.nodes());
  }

  /** The outputs of a walk that stops before every {@code step}th node. */
  private static float[] walk(Network network, int step, ActivationStore store) {
    try (NetworkRun run =
        new NetworkRun(
            network, new WeightOverrides(), inputs(COUNT), new Batching(3, COUNT), 1, store)) {
      for (int end = step; end < network.nodes().size(); end += step) {
        run.advance(end);
      }
      run.advance(network.nodes().size());
      float[] all = {};
      for (int b = 0; b < run.batches().size(); b++) {
        TensorValue.Floats value = (TensorValue.Floats) run.value(b, network.outputs().getFirst());
        int length = all.length;
        all = java.util.Arrays.copyOf(all, length + value.values().length);
        System.arraycopy(value.values(), 0, all, length, value.values().length);
      }
      return all;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void a_walk_in_steps_gives_what_the_whole_network_gives(long seed) {
    Network network = network(seed);
    float[] whole;
    try (OnnxSession session = OnnxSession.open(network.origin(), 1)) {
      TensorValue value = session.run(Map.of("image", noise(COUNT))).values().iterator().next();
      whole = ((TensorValue.Floats) value).values();
    }

    float[] walked = walk(network, 2, new ActivationStore(ActivationStore.USUAL_LIMIT));

    assertThat(walked).containsExactly(whole, within(1e-3f));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void a_walk_through_the_file_gives_the_bits_of_one_in_memory(long seed) {
    Network network = network(seed);

    float[] inFile = walk(network, 1, new ActivationStore(2000));

    assertThat(inFile)
        .isEqualTo(walk(network, 1, new ActivationStore(ActivationStore.USUAL_LIMIT)));
  }

  @Test
  void a_network_of_a_fixed_batch_leaves_out_the_inputs_that_fill_none() {
    assertThat(Batching.of(fixed(4), inputs(11))).isEqualTo(new Batching(4, 8));
    assertThat(Batching.of(fixed(1), inputs(11))).isEqualTo(new Batching(1, 11));
    assertThatThrownBy(() -> Batching.of(fixed(4), inputs(3)))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("batches of 4", "3 inputs", "noise", "give at least 4");
  }

  private Network fixed(int batch) {
    Graph graph = new Graph(13);
    graph.input("image", batch, 3, 6, 6);
    graph.node("Relu", List.of("image"), List.of("y"));
    OnnxModel model = ModelReader.read(graph.output("y").write(folder.resolve("fixed.onnx")));
    return new Network("the model", model.proto(), model.file(), model.nodes());
  }

  @Test
  void batches_of_a_network_that_takes_any_cover_all_inputs() {
    assertThat(Batching.of(network(1), inputs(11))).isEqualTo(new Batching(128, 11));
  }

  @Test
  void inputs_of_another_name_are_refused() {
    Network network = network(1);
    HeldInputs other = new HeldInputs("noise", "picture", noise(COUNT));
    try (NetworkRun run =
        new NetworkRun(network, new WeightOverrides(), other, new Batching(3, COUNT), 1)) {
      assertThatThrownBy(() -> run.advance(1))
          .isInstanceOf(PleatException.class)
          .hasMessageContaining("noise gives no value for the input 'image' of the model");
    }
  }
}
