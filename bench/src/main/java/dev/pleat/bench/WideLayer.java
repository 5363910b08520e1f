package dev.pleat.bench;

import dev.pleat.core.cluster.SplitMix64;
import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes a checkpoint of one layer with a feed-forward block of any width, in BF16 and row by row:
 * of the larger models not even one tensor need be in memory. Neurons lie half a standard deviation
 * from one of n/8 random centres. Attention is as small as can be.
 */
public final class WideLayer {
  private static final int HEAD = 8;
  private static final int VOCABULARY = 256;
  private static final int BUFFER = 1 << 20;

  private WideLayer() {}

  /** Arguments: the folder to make, the number of neurons, the width that they read. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int neurons = Integer.parseInt(arguments[1]);
    int hidden = Integer.parseInt(arguments[2]);
    List<ShardWriter.Entry> entries = new ArrayList<>();
    String layer = "model.layers.0.";
    for (String name : List.of("q_proj", "k_proj", "v_proj")) {
      entries.add(entry(layer + "self_attn." + name, HEAD, hidden));
    }
    entries.add(entry(layer + "self_attn.o_proj", hidden, HEAD));
    entries.add(entry(layer + "mlp.gate_proj", neurons, hidden));
    entries.add(entry(layer + "mlp.up_proj", neurons, hidden));
    entries.add(entry(layer + "mlp.down_proj", hidden, neurons));
    entries.add(entry("model.embed_tokens", VOCABULARY, hidden));
    entries.add(entry("lm_head", VOCABULARY, hidden));
    for (String norm : List.of(layer + "input_layernorm", layer + "post_attention_layernorm")) {
      entries.add(new ShardWriter.Entry(norm + ".weight", DataType.BF16, new long[] {hidden}));
    }
    entries.add(new ShardWriter.Entry("model.norm.weight", DataType.BF16, new long[] {hidden}));
    try (OutputStream out =
        new BufferedOutputStream(
            Files.newOutputStream(folder.resolve("model.safetensors")), BUFFER)) {
      out.write(ShardWriter.header(entries, Map.of("format", "pt")));
      for (ShardWriter.Entry entry : entries) {
        write(entry, neurons, out);
      }
    }
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": %d, "intermediate_size": %d, "vocab_size": %d,
         "num_hidden_layers": 1, "num_attention_heads": 1, "num_key_value_heads": 1,
         "head_dim": %d}
        """
            .formatted(hidden, neurons, VOCABULARY, HEAD));
  }

  private static ShardWriter.Entry entry(String name, long rows, long columns) {
    return new ShardWriter.Entry(name + ".weight", DataType.BF16, new long[] {rows, columns});
  }

  private static void write(ShardWriter.Entry entry, int neurons, OutputStream out)
      throws IOException {
    int columns = (int) entry.shape()[entry.shape().length - 1];
    long rows = entry.bytes() / FloatEncoding.BF16.bytes() / columns;
    boolean planted = entry.name().contains(".mlp.");
    boolean down = entry.name().contains("down_proj");
    int centres = neurons / 8;
    long seed = 31L * entry.name().hashCode();
    float[] middle = new float[down ? centres : columns];
    byte[] bytes = new byte[columns * FloatEncoding.BF16.bytes()];
    for (long row = 0; row < rows; row++) {
      SplitMix64 random = new SplitMix64(seed + row + (1L << 32));
      float[] values = PlantedFeatures.noise(columns, random);
      if (planted) {
        // Neurons i and i + n/8 share a centre: in rows of gate and up, in columns of down.
        fill(middle, new SplitMix64(seed + (down ? row : row % centres)));
        for (int j = 0; j < columns; j++) {
          values[j] = middle[down ? j % centres : j] + 0.5f * values[j];
        }
      }
      FloatEncoding.BF16.encode(values, 0, columns, MemorySegment.ofArray(bytes));
      out.write(bytes);
    }
  }

  private static void fill(float[] values, SplitMix64 random) {
    System.arraycopy(PlantedFeatures.noise(values.length, random), 0, values, 0, values.length);
  }
}
