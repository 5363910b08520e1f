package dev.pleat.cli;

import dev.pleat.core.tensor.FloatEncoding;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A random Llama of one layer: hidden 8, 20 neurons, 4 query heads, 2 key/value heads. */
final class TinyLlama {
  private static final int HIDDEN = 8;

  private TinyLlama() {}

  /** Writes it. */
  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "hidden_size": 8, "intermediate_size": 20, "vocab_size": 16,
         "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2}
        """);
    List<ShardWriter.Entry> entries = new ArrayList<>();
    add(entries, "embed_tokens", 16, HIDDEN);
    add(entries, "layers.0.self_attn.q_proj", HIDDEN, HIDDEN);
    add(entries, "layers.0.self_attn.k_proj", HIDDEN / 2, HIDDEN);
    add(entries, "layers.0.self_attn.v_proj", HIDDEN / 2, HIDDEN);
    add(entries, "layers.0.self_attn.o_proj", HIDDEN, HIDDEN);
    add(entries, "layers.0.mlp.gate_proj", 20, HIDDEN);
    add(entries, "layers.0.mlp.up_proj", 20, HIDDEN);
    add(entries, "layers.0.mlp.down_proj", HIDDEN, 20);
    byte[] header = ShardWriter.header(entries, Map.of("format", "pt"));
    SplittableRandom random = new SplittableRandom(5);
    try (ShardWriter writer =
        ShardWriter.open(folder.resolve("model.safetensors"), header, entries)) {
      for (ShardWriter.Entry entry : entries) {
        float[] values = new float[(int) entry.bytes() / Float.BYTES];
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) random.nextGaussian();
        }
        writer.write(entry.name(), values, FloatEncoding.F32);
      }
    }
    return folder;
  }

  private static void add(List<ShardWriter.Entry> entries, String module, long out, long in) {
    entries.add(
        new ShardWriter.Entry("model." + module + ".weight", DataType.F32, new long[] {out, in}));
  }
}
