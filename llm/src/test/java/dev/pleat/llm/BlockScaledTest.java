package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checkpoints of 8-bit floats with a scale for each block, as DeepSeek V3 is published. */
class BlockScaledTest {
  private static final String QUANTIZATION =
      """
      "quantization_config": {
        "activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8",
        "weight_block_size": [128, 128]
      }\
      """;

  @TempDir private Path folder;

  /** Bytes and their scales, and what they stand for. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Stored(byte[] bytes, Tensor scales, Tensor values) {}

  /** The definition of the format: a sign, an exponent with a bias of 7, three bits. */
  private static double e4m3(int bits) {
    int exponent = bits >> 3 & 15;
    double size =
        exponent == 0
            ? (bits & 7) / 8.0 * Math.pow(2, -6)
            : (1 + (bits & 7) / 8.0) * Math.pow(2, exponent - 7);
    return bits >= 128 ? -size : size;
  }

  private static Stored stored(int rows, int columns, SplittableRandom random) {
    int down = (rows + 127) / 128;
    int across = (columns + 127) / 128;
    float[] scales = new float[down * across];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) random.nextDouble(0.001, 0.01);
    }
    byte[] bytes = new byte[rows * columns];
    float[] values = new float[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      int bits = random.nextInt(127) | random.nextInt(2) << 7;
      bytes[i] = (byte) bits;
      values[i] = (float) (e4m3(bits) * scales[i / columns / 128 * across + i % columns / 128]);
    }
    byte[] rounded = new byte[2 * values.length];
    FloatEncoding.BF16.encode(values, 0, values.length, MemorySegment.ofArray(rounded));
    FloatEncoding.BF16.decode(MemorySegment.ofArray(rounded), 0, values, 0, values.length);
    return new Stored(
        bytes,
        new Tensor(new int[] {down, across}, scales),
        new Tensor(new int[] {rows, columns}, values));
  }

  private static void write(Path file, Map<String, Object> tensors) throws IOException {
    List<ShardWriter.Entry> entries = new ArrayList<>();
    tensors.forEach((name, tensor) -> {
      switch (tensor) {
        case Stored s -> {
          entries.add(entry(name, DataType.F8_E4M3, s.values));
          entries.add(entry(name + "_scale_inv", DataType.F32, s.scales));
        }
        case Tensor t -> entries.add(entry(name, DataType.BF16, t));
        default -> throw new IllegalArgumentException(name);
      }
    });
    Files.deleteIfExists(file);
    try (ShardWriter writer =
        ShardWriter.open(file, ShardWriter.header(entries, Map.of("format", "pt")), entries)) {
      tensors.forEach((name, tensor) -> {
        switch (tensor) {
          case Stored s -> {
            writer.write(name, MemorySegment.ofArray(s.bytes));
            writer.write(name + "_scale_inv", s.scales.values(), FloatEncoding.F32);
          }
          case Tensor t -> writer.write(name, t.values(), FloatEncoding.BF16);
          default -> throw new IllegalArgumentException(name);
        }
      });
    }
  }

  private static ShardWriter.Entry entry(String name, DataType type, Tensor tensor) {
    return new ShardWriter.Entry(
        name, type, Arrays.stream(tensor.shape()).asLongStream().toArray());
  }

  /** The same model twice: in 8 bits with its scales in another shard, and in BF16. */
  private void writeModels() throws IOException {
    TinyModel model = TinyModel.llama(5);
    SplittableRandom random = new SplittableRandom(5);
    Map<String, Object> eight = new LinkedHashMap<>();
    Map<String, Tensor> sixteen = new LinkedHashMap<>();
    model
        .tensors()
        .forEach((name, tensor) -> {
          if (name.contains("_proj.weight")) {
            Stored stored = stored(tensor.shape()[0], tensor.shape()[1], random);
            eight.put(name, stored);
            sixteen.put(name, stored.values);
          } else {
            eight.put(name, tensor);
            sixteen.put(name, tensor);
          }
        });
    Path plain =
        ModelFolder.write(
            new TinyModel(model.architecture(), model.config(), sixteen),
            DataType.BF16,
            folder.resolve("bf16"));
    Path input = Files.createDirectories(folder.resolve("fp8"));
    Files.copy(plain.resolve("config.json"), input.resolve("config.json"));
    ModelFolder.edit(input.resolve("config.json"), "{", "{" + QUANTIZATION + ",");
    Map<String, Object> first = new LinkedHashMap<>();
    Map<String, Object> second = new LinkedHashMap<>();
    eight.forEach((name, tensor) -> (name.contains("layers.0") ? first : second).put(name, tensor));
    write(input.resolve("model-1.safetensors"), first);
    write(input.resolve("model-2.safetensors"), second);
    StringBuilder index =
        new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
    eight.forEach((name, tensor) -> {
      String shard = "\": \"model-" + (name.contains("layers.0") ? 1 : 2) + ".safetensors\",";
      index.append('"').append(name).append(shard);
      if (tensor instanceof Stored) {
        index.append('"').append(name).append("_scale_inv").append(shard);
      }
    });
    index.setLength(index.length() - 1);
    Files.writeString(input.resolve("model.safetensors.index.json"), index + "}}");
  }

  private FoldReport fold(String input, String output) {
    return CheckpointFolding.fold(
        UnroundedFold.of(
            folder.resolve(input),
            folder.resolve(output),
            FoldOptions.of(new Target.Channels(0.5)),
            false,
            2),
        Progress.SILENT);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "128,256", "129,127", "300,200"})
  void values_are_those_of_the_format_times_the_scale_of_their_block(int rows, int columns)
      throws IOException {
    Stored stored = stored(rows, columns, new SplittableRandom(rows));
    write(folder.resolve("model.safetensors"), Map.of("a.weight", stored));

    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      assertThat(checkpoint.names()).containsExactly("a.weight");
      assertThat(checkpoint.info("a.weight").type()).isEqualTo(DataType.BF16);
      assertThat(checkpoint.floats("a.weight")).isEqualTo(stored.values.values());
    }
  }

  @Test
  void a_folded_checkpoint_is_that_of_its_sixteen_bit_values() throws IOException {
    writeModels();

    FoldReport report = fold("fp8", "small");
    fold("bf16", "expected");

    assertThat(report.verification().ran()).isTrue();
    Map<String, Tensor> expected = ModelFolder.tensors(folder.resolve("expected"));
    Map<String, Tensor> tensors = ModelFolder.tensors(folder.resolve("small"));
    assertThat(tensors.keySet()).isEqualTo(expected.keySet());
    tensors.forEach((name, tensor) -> {
      Tensor wanted = Objects.requireNonNull(expected.get(name), name);
      assertThat(tensor.shape()).as(name).isEqualTo(wanted.shape());
      assertThat(tensor.values()).as(name).isEqualTo(wanted.values());
    });
    assertThat(ModelFolder.config(folder.resolve("small")))
        .isEqualTo(ModelFolder.config(folder.resolve("expected")));
    String index =
        Files.readString(folder.resolve("small").resolve("model.safetensors.index.json"));
    assertThat(index).doesNotContain("scale_inv").doesNotContain("\"total_size\": 1}");
  }

  @Test
  void the_field_goes_wherever_it_stands() throws IOException {
    writeModels();
    Path config = folder.resolve("fp8").resolve("config.json");
    String text = Files.readString(config).replace(QUANTIZATION + ",", "");
    Files.writeString(
        config, text.stripTrailing().replaceFirst("\\s*}$", ", " + QUANTIZATION + "\n}\n"));

    fold("fp8", "small");

    assertThat(ModelFolder.config(folder.resolve("small")).has("quantization_config")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,1", "0,1", "9,9"})
  void scales_of_another_number_of_blocks_are_refused(int down, int across) throws IOException {
    Stored fine = stored(100, 100, new SplittableRandom(1));
    Tensor scales = new Tensor(new int[] {down, across}, new float[down * across]);
    write(
        folder.resolve("model.safetensors"),
        Map.of("a.weight", new Stored(fine.bytes, scales, fine.values)));

    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining(
            "tensor 'a.weight_scale_inv' has the shape [%d, %d], expected [1, 1]", down, across);
  }

  @Test
  void values_that_are_no_numbers_are_refused_with_their_place() throws IOException {
    writeModels();
    Path shard = folder.resolve("fp8").resolve("model-1.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    try (Checkpoint checkpoint = Checkpoint.open(folder.resolve("fp8"))) {
      bytes[(int) checkpoint.info("model.layers.0.mlp.up_proj.weight").offset() + 3] = 0x7f;
    }
    Files.write(shard, bytes);

    assertThatThrownBy(() -> fold("fp8", "small"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("'model.layers.0.mlp.up_proj.weight' holds NaN at element 3");
    assertThat(folder.resolve("small")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[128, 128]; [64, 64]",
        "[128, 128]; [128]",
        "\"e4m3\"; \"e5m2\"",
        "\"fp8\"; \"fbgemm_fp8\""
      })
  void other_ways_of_quantising_are_refused(String from, String to) throws IOException {
    writeModels();
    ModelFolder.edit(folder.resolve("fp8").resolve("config.json"), from, to);

    assertThatThrownBy(() -> fold("fp8", "small"))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("give the checkpoint before quantisation");
  }
}
