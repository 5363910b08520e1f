package dev.pleat.bench;

import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a checkpoint with layers of LLaMA-7B's shape and random weights in BF16, a shard a layer.
 * Neurons lie half a standard deviation from one of n/8 random centres, and one in 64 is an exact
 * copy of the neuron before it.
 */
public final class PlantedLayers {
  static final int NEURONS = 11_008;
  static final int HIDDEN = 4096;
  private static final int HEADS = 32;
  private static final int VOCABULARY = 256;
  private static final int COPY_EVERY = 64;

  private final Path folder;
  private final List<String> index = new ArrayList<>();

  private PlantedLayers(Path folder) {
    this.folder = folder;
  }

  /** Arguments: the folder to make and the number of layers. */
  public static void main(String[] arguments) throws IOException {
    new PlantedLayers(Path.of(arguments[0])).write(Integer.parseInt(arguments[1]));
  }

  private void write(int layers) throws IOException {
    Files.createDirectories(folder);
    for (int layer = 0; layer < layers; layer++) {
      writeLayer(layer);
    }
    Map<String, long[]> rest = new LinkedHashMap<>();
    rest.put("model.embed_tokens.weight", new long[] {VOCABULARY, HIDDEN});
    rest.put("model.norm.weight", new long[] {HIDDEN});
    rest.put("lm_head.weight", new long[] {VOCABULARY, HIDDEN});
    writeShard("model-rest.safetensors", rest, layers);
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{%s}}".formatted(String.join(",", index)));
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d, "vocab_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d}
        """
            .formatted(HIDDEN, NEURONS, VOCABULARY, layers, HEADS, HEADS));
  }

  private void writeLayer(int layer) {
    String prefix = "model.layers." + layer + ".";
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
      shapes.put(prefix + "self_attn." + name + ".weight", new long[] {HIDDEN, HIDDEN});
    }
    shapes.put(prefix + "mlp.gate_proj.weight", new long[] {NEURONS, HIDDEN});
    shapes.put(prefix + "mlp.up_proj.weight", new long[] {NEURONS, HIDDEN});
    shapes.put(prefix + "mlp.down_proj.weight", new long[] {HIDDEN, NEURONS});
    writeShard("model-%05d.safetensors".formatted(layer), shapes, layer);
  }

  private void writeShard(String name, Map<String, long[]> shapes, int seed) {
    List<ShardWriter.Entry> entries = new ArrayList<>();
    shapes.forEach((tensor, shape) -> {
      entries.add(new ShardWriter.Entry(tensor, DataType.BF16, shape));
      index.add("\"%s\":\"%s\"".formatted(tensor, name));
    });
    byte[] header = ShardWriter.header(entries, Map.of("format", "pt"));
    try (ShardWriter writer = ShardWriter.open(folder.resolve(name), header, entries)) {
      for (ShardWriter.Entry entry : entries) {
        writer.write(entry.name(), values(entry, seed), FloatEncoding.BF16);
      }
    }
  }

  private static float[] values(ShardWriter.Entry entry, int seed) {
    SplitMix64 random = new SplitMix64(31L * seed + entry.name().hashCode());
    int columns = (int) entry.shape()[entry.shape().length - 1];
    int rows = (int) (entry.bytes() / FloatEncoding.BF16.bytes() / columns);
    if (!entry.name().contains(".mlp.")) {
      return PlantedFeatures.noise(rows * columns, random);
    }
    if (rows == NEURONS) {
      float[] values = PlantedFeatures.values(rows, columns, NEURONS / 8, random);
      for (int i = COPY_EVERY; i < rows; i += COPY_EVERY) {
        System.arraycopy(values, (i - 1) * columns, values, i * columns, columns);
      }
      return values;
    }
    float[] transposed = PlantedFeatures.values(columns, rows, NEURONS / 8, random);
    float[] values = new float[transposed.length];
    for (int i = 0; i < columns; i++) {
      for (int j = 0; j < rows; j++) {
        values[j * columns + i] = transposed[i * rows + j];
      }
    }
    return values;
  }
}
