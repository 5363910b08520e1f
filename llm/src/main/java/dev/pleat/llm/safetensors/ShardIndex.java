package dev.pleat.llm.safetensors;

import dev.pleat.core.PleatException;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which shard holds which tensor.
 *
 * @param file the index
 * @param shardOf file name of the shard of each tensor
 */
record ShardIndex(Path file, Map<String, String> shardOf) {

  /**
   * Reads the index.
   *
   * @throws PleatException when it is no valid index, or names a shard that is missing or outside
   *     the folder
   */
  static ShardIndex read(Path file) {
    JsonObject map = JsonFiles.read(file).object("weight_map");
    Map<String, String> shardOf = new LinkedHashMap<>();
    for (String name : map.names()) {
      shardOf.put(name, map.text(name));
    }
    ShardIndex index = new ShardIndex(file, shardOf);
    index.shards();
    return index;
  }

  /** The shards, sorted by name. */
  List<Path> shards() {
    List<Path> shards = new ArrayList<>();
    for (String name : new TreeSet<>(shardOf.values())) {
      if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*\\.safetensors")) {
        throw new PleatException(
            "%s: names the shard '%s', expected a plain .safetensors file name in the same folder"
                .formatted(file, name));
      }
      Path shard = file.resolveSibling(name);
      if (!Files.isRegularFile(shard)) {
        throw new PleatException(
            "%s: names the shard '%s', but there is no such file; download it again"
                .formatted(file, name));
      }
      shards.add(shard);
    }
    if (shards.isEmpty()) {
      throw new PleatException("%s: names no tensor; download it again".formatted(file));
    }
    return shards;
  }

  /**
   * Compares the index with what the shards hold.
   *
   * @throws PleatException when a tensor is not where the index says, or the index does not say
   */
  void check(List<ShardHeader> shards) {
    Map<String, String> found = new LinkedHashMap<>();
    for (ShardHeader shard : shards) {
      String name = shard.file().getFileName().toString();
      for (TensorInfo tensor : shard.tensors()) {
        String expected = shardOf.get(tensor.name());
        if (!name.equals(expected)) {
          throw new PleatException(
              "%s: holds tensor '%s', expected %s by %s; the files are not of one checkpoint"
                  .formatted(
                      shard.file(),
                      tensor.name(),
                      expected == null ? "none of that name" : "it in " + expected,
                      file.getFileName()));
        }
        found.put(tensor.name(), name);
      }
    }
    shardOf.forEach((tensor, shard) -> {
      if (!found.containsKey(tensor)) {
        throw new PleatException(
            "%s: tensor '%s' is not in %s as the index says; download both again"
                .formatted(file, tensor, shard));
      }
    });
  }
}
