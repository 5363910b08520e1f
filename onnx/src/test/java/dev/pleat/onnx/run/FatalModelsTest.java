package dev.pleat.onnx.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.pleat.onnx.network.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without the mending, these tests end the process that they run in. */
final class FatalModelsTest {
  @TempDir private Path folder;

  /** A convolution in 16 bits whose weight can be replaced by a caller. */
  private static ModelProto convolution() {
    Graph graph = new Graph(13);
    graph.input("x", 1, 1, 8, 8);
    graph.input("w", 4, 1, 3, 3);
    byte[] ones = new byte[4 * 9 * 2];
    for (int i = 1; i < ones.length; i += 2) {
      ones[i] = 0x3c;
    }
    graph
        .proto()
        .addInitializer(
            TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT16_VALUE)
                .addAllDims(List.of(4L, 1L, 3L, 3L))
                .setRawData(ByteString.copyFrom(ones)));
    graph.node("Conv", List.of("x", "w"), List.of("y"));
    graph.output("y");
    for (ValueInfoProto.Builder value : graph.proto().getInputBuilderList()) {
      half(value);
    }
    half(graph.proto().getOutputBuilder(0));
    return graph.model();
  }

  private static void half(ValueInfoProto.Builder value) {
    value.getTypeBuilder().getTensorTypeBuilder().setElemType(TensorProto.DataType.FLOAT16_VALUE);
  }

  @Test
  void a_weight_in_16_bits_that_is_an_input_too_does_not_end_the_process() throws IOException {
    Path file = Files.write(folder.resolve("conv.onnx"), convolution().toByteArray());
    TensorValue ones = new TensorValue.Floats(new long[] {1, 1, 8, 8}, filled(64));

    try (OnnxSession fromFile = OnnxSession.open(file, 1);
        OnnxSession fromMemory = OnnxSession.open(convolution(), file, 1)) {
      for (OnnxSession session : List.of(fromFile, fromMemory)) {
        assertThat(session.run(Map.of("x", ones)).get("y"))
            .isInstanceOfSatisfying(
                TensorValue.Floats.class,
                y -> assertThat(y.values()).hasSize(4 * 6 * 6).containsOnly(9f));
      }
    }
  }

  private static float[] filled(int count) {
    float[] ones = new float[count];
    java.util.Arrays.fill(ones, 1f);
    return ones;
  }

  @Test
  void other_models_are_run_as_they_are() {
    Graph graph = new Graph(13);
    graph.input("x", 1, 2);
    graph.floats("w", new float[4], 2, 2);
    graph.node("MatMul", List.of("x", "w"), List.of("y"));
    assertThat(FatalModels.mended(graph.output("y").model())).isEmpty();
  }

  @Test
  void the_runtimes_libraries_are_kept_in_the_cache_of_the_user() {
    assertThat(LoadedRuntime.environment()).isNotNull();
    assertThat(System.getProperty("onnxruntime.native.path")).contains("onnxruntime-");
  }
}
