package dev.pleat.llm;

import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.ShardWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes tiny models as directories and reads directories back. */
public final class ModelFolder {
  private static final JsonMapper JSON = JsonMapper.shared();

  private ModelFolder() {}

  /** Writes a model in one file. */
  public static Path write(TinyModel model, DataType type, Path folder) throws IOException {
    return write(model, type, 1, folder);
  }

  /** Writes a model in some shards, its tensors dealt out in turns. */
  public static Path write(TinyModel model, DataType type, int shards, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(model.config()));
    List<Map<String, Tensor>> parts = new ArrayList<>();
    for (int s = 0; s < shards; s++) {
      parts.add(new LinkedHashMap<>());
    }
    int next = 0;
    for (Map.Entry<String, Tensor> tensor : model.tensors().entrySet()) {
      parts.get(next++ % shards).put(tensor.getKey(), tensor.getValue());
    }
    Map<String, String> index = new TreeMap<>();
    long total = 0;
    for (int s = 0; s < shards; s++) {
      String name =
          shards == 1
              ? "model.safetensors"
              : "model-%05d-of-%05d.safetensors".formatted(s + 1, shards);
      total += writeShard(folder.resolve(name), parts.get(s), type);
      parts.get(s).keySet().forEach(tensor -> index.put(tensor, name));
    }
    if (shards > 1) {
      Map<String, Object> root = new LinkedHashMap<>();
      root.put("metadata", Map.of("total_size", total));
      root.put("weight_map", index);
      Files.writeString(
          folder.resolve("model.safetensors.index.json"), JSON.writeValueAsString(root));
    }
    return folder;
  }

  static long writeShard(Path file, Map<String, Tensor> tensors, DataType type) throws IOException {
    Files.deleteIfExists(file);
    List<ShardWriter.Entry> entries = new ArrayList<>();
    tensors.forEach((name, tensor) -> {
      long[] shape = Arrays.stream(tensor.shape()).asLongStream().toArray();
      entries.add(new ShardWriter.Entry(name, type, shape));
    });
    byte[] header = ShardWriter.header(entries, Map.of("format", "pt"));
    try (ShardWriter writer = ShardWriter.open(file, header, entries)) {
      tensors.forEach(
          (name, tensor) -> writer.write(name, tensor.values(), type.encoding().orElseThrow()));
    }
    return entries.stream().mapToLong(ShardWriter.Entry::bytes).sum();
  }

  /** The tensors of a directory. */
  public static Map<String, Tensor> tensors(Path folder) {
    Map<String, Tensor> tensors = new TreeMap<>();
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      for (String name : checkpoint.names()) {
        int[] shape = Arrays.stream(checkpoint.info(name).shape()).mapToInt(d -> (int) d).toArray();
        tensors.put(name, new Tensor(shape, checkpoint.floats(name)));
      }
    }
    return tensors;
  }

  /** One tensor of a directory. */
  public static Tensor tensor(Path folder, String name) {
    return Objects.requireNonNull(tensors(folder).get(name), name);
  }

  /** The configuration of a directory. */
  public static JsonNode config(Path folder) throws IOException {
    return JSON.readTree(Files.readString(folder.resolve("config.json")));
  }

  /** Every file below a directory with its bytes. */
  public static Map<String, byte[]> files(Path folder) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
      }
    }
    return files;
  }

  /** Replaces a text in a file of a directory. */
  public static void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    if (!text.contains(from)) {
      throw new IllegalArgumentException(file + " does not contain " + from);
    }
    Files.writeString(file, text.replace(from, to));
  }
}
