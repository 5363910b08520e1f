package dev.pleat.onnx.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.run.OnnxSession;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PatchesTest {
  private static final int CHANNELS = 3;
  private static final int OUTPUTS = 4;
  private static final int IMAGES = 2;

  static IntStream seeds() {
    return IntStream.range(0, 30);
  }

  private static float[] gaussian(int count, Random random) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static int product(int[] sizes) {
    return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
  }

  private static long[] shape(int first, int second, int[] sizes) {
    return IntStream.concat(IntStream.of(first, second), Arrays.stream(sizes))
        .asLongStream()
        .toArray();
  }

  private static ModelProto conv(float[] weight, long[] shape, AttributeProto... attributes) {
    Graph graph = new Graph(13);
    long[] open = shape.clone();
    Arrays.fill(open, -1);
    graph.input("x", open);
    graph.node("Conv", List.of("x", graph.floats("w", weight, shape)), List.of("y"), attributes);
    return graph.output("y").model();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void patches_times_weights_are_what_the_runtime_s_convolution_gives(int seed) {
    Random random = new Random(seed);
    int rank = 1 + seed % 3;
    int[] kernel = random.ints(rank, 1, 4).toArray();
    kernel[0] = 2 + random.nextInt(2);
    long[] strides = random.longs(rank, 1, 4).toArray();
    long[] dilations = random.longs(rank, 1, 3).toArray();
    long[] pads = random.longs(2L * rank, 0, 3).toArray();
    int[] size = random.ints(rank, 6, 9).toArray();
    float[] weight = gaussian(OUTPUTS * CHANNELS * product(kernel), random);
    long[] weightShape = shape(OUTPUTS, CHANNELS, kernel);
    ModelProto model =
        conv(
            weight,
            weightShape,
            Graph.integers("strides", strides),
            Graph.integers("dilations", dilations),
            Graph.integers("pads", pads));
    TensorValue.Floats x =
        new TensorValue.Floats(
            shape(IMAGES, CHANNELS, size), gaussian(IMAGES * CHANNELS * product(size), random));
    Patches patches = patches(model, weightShape);
    try (OnnxSession session = OnnxSession.open(model, Path.of("conv.onnx"), 1)) {
      TensorValue y = session.run(Map.of("x", x)).values().iterator().next();
      assertProduct(patches, x, (TensorValue.Floats) y, weight);
    }
  }

  private static Patches patches(ModelProto model, long[] weightShape) {
    int[] shape = Arrays.stream(weightShape).mapToInt(Math::toIntExact).toArray();
    return Patches.of(model.getGraph().getNode(0), shape).orElseThrow();
  }

  private static void assertProduct(
      Patches patches, TensorValue.Floats x, TensorValue.Floats y, float[] weight) {
    int[] outputs = Arrays.stream(y.shape()).skip(2).mapToInt(Math::toIntExact).toArray();
    int area = product(outputs);
    int covered = CHANNELS * patches.size();
    int width = IMAGES * area;
    float[] gathered = new float[covered * width];
    for (int image = 0; image < IMAGES; image++) {
      int[] places = IntStream.range(0, area).toArray();
      patches.gather(x, image, places, outputs, gathered, width, image * area);
    }
    for (int i = 0; i < IMAGES * OUTPUTS * area; i++) {
      int output = i / area % OUTPUTS;
      int column = i / area / OUTPUTS * area + i % area;
      double sum = 0;
      for (int v = 0; v < covered; v++) {
        sum += (double) weight[output * covered + v] * gathered[v * width + column];
      }
      assertThat((double) y.values()[i]).isCloseTo(sum, within(1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"group", "auto_pad", "pointwise", "large", "transposed"})
  void other_layers_have_no_patches(String reason) {
    int[] shape = {4, 2, 3, 3};
    Graph graph = new Graph(13);
    List<String> inputs = List.of("x", "w");
    switch (reason) {
      case "group" -> graph.node("Conv", inputs, Graph.integer("group", 2));
      case "auto_pad" ->
          graph.node(
              "Conv",
              inputs,
              AttributeProto.newBuilder()
                  .setName("auto_pad")
                  .setType(AttributeProto.AttributeType.STRING)
                  .setS(com.google.protobuf.ByteString.copyFromUtf8("SAME_UPPER"))
                  .build());
      case "pointwise" -> {
        graph.node("Conv", inputs);
        shape = new int[] {4, 2, 1, 1};
      }
      case "large" -> {
        graph.node("Conv", inputs);
        shape = new int[] {4, 513, 3, 3};
      }
      default -> graph.node("ConvTranspose", inputs);
    }

    assertThat(Patches.of(graph.proto().getNode(0), shape)).isEmpty();
  }
}
