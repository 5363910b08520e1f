package dev.pleat.llm.fold;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Target;
import dev.pleat.llm.config.ConfigText;
import dev.pleat.llm.config.ModelConfig;
import dev.pleat.llm.json.JsonFiles;
import dev.pleat.llm.json.JsonObject;
import dev.pleat.llm.request.Part;
import dev.pleat.llm.safetensors.Checkpoint;
import dev.pleat.llm.safetensors.ShardWriter;
import dev.pleat.llm.safetensors.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files of the output that hold weights: as many shards as the input has, with the same tensors
 * in the same order, but for those of layers that go.
 *
 * @param shards one for each of the input
 */
public record OutputLayout(List<Shard> shards) {
  private static final String TOTAL_SIZE = "metadata.total_size";
  private static final String TOTAL_PARAMETERS = "metadata.total_parameters";
  private static final String WEIGHT_MAP = "weight_map";

  /** Copies the list. */
  public OutputLayout {
    shards = List.copyOf(shards);
  }

  /**
   * One shard.
   *
   * @param name of the file
   * @param header its first bytes
   * @param entries its tensors
   */
  public record Shard(String name, byte[] header, List<ShardWriter.Entry> entries) {
    /** Bytes of the tensors. */
    long data() {
      return entries.stream().mapToLong(ShardWriter.Entry::bytes).sum();
    }

    /** Bytes of the file. */
    public long bytes() {
      return header.length + data();
    }
  }

  /**
   * Plans the files.
   *
   * @param provenance texts that each shard's {@code __metadata__} carries beside its own
   */
  static OutputLayout of(Checkpoint checkpoint, FoldPlan plan, Map<String, String> provenance) {
    Map<String, long[]> shapes = plan.shapes(checkpoint);
    List<Shard> shards = new ArrayList<>();
    for (Path file : checkpoint.shards()) {
      List<ShardWriter.Entry> entries = new ArrayList<>();
      for (TensorInfo tensor : checkpoint.tensors(file)) {
        long[] shape = shapes.getOrDefault(tensor.name(), tensor.shape());
        plan.name(tensor.name())
            .ifPresent(name -> entries.add(new ShardWriter.Entry(name, tensor.type(), shape)));
      }
      if (entries.isEmpty()) {
        continue;
      }
      // Loaders ask the metadata for the framework that wrote the file.
      Map<String, String> metadata = new LinkedHashMap<>(Map.of("format", "pt"));
      metadata.putAll(checkpoint.metadata(file));
      metadata.putAll(provenance);
      shards.add(
          new Shard(
              String.valueOf(file.getFileName()),
              ShardWriter.header(entries, metadata),
              List.copyOf(entries)));
    }
    return new OutputLayout(shards);
  }

  /** Bytes of all shards. */
  long bytes() {
    return shards.stream().mapToLong(Shard::bytes).sum();
  }

  /** The files of one part: neighbours, about as many bytes for each. */
  OutputLayout of(Part part) {
    List<Shard> own = new ArrayList<>();
    long twice = 2 * bytes();
    long before = 0;
    for (Shard shard : shards) {
      if (part.holds(2 * before + shard.bytes(), twice)) {
        own.add(shard);
      }
      before += shard.bytes();
    }
    return new OutputLayout(own);
  }

  /**
   * Refuses a target that the real files miss, of which only estimates were known before.
   *
   * @throws PleatException when they have more bytes than the target allows
   */
  void requireSize(Target target) {
    if (target instanceof Target.Size(long most) && bytes() > most) {
      throw new PleatException(
          "--size asks for at most %d bytes, but the output would have %d; ask for %d"
              .formatted(most, bytes(), most - (bytes() - most)));
    }
  }

  /** Writes {@code config.json} and the index with their new numbers. */
  void writeText(OutputStage stage, OpenModel model, FoldPlan plan) {
    byte[] config = ConfigText.edit(model.facts().config().file(), plan.configTexts(model.facts()));
    stage.write(ModelConfig.NAME, config);
    if (model.checkpoint().isBlockScaled()) {
      stage.write(
          ModelConfig.NAME,
          ConfigText.without(stage.file(ModelConfig.NAME), ModelConfig.QUANTIZATION));
    }
    if (model.checkpoint().isSharded()) {
      Path file = model.checkpoint().directory().resolve(Checkpoint.indexName());
      JsonObject index = JsonFiles.read(file);
      Map<String, String> texts = new LinkedHashMap<>();
      if (index.has(TOTAL_SIZE)) {
        texts.put(TOTAL_SIZE, Long.toString(shards.stream().mapToLong(Shard::data).sum()));
      }
      if (index.has(TOTAL_PARAMETERS)) {
        texts.put(TOTAL_PARAMETERS, Long.toString(plan.folded().parameters()));
      }
      if (model.checkpoint().isBlockScaled() || plan.removesLayers()) {
        texts.put(WEIGHT_MAP, weightMap());
      }
      stage.write(Checkpoint.indexName(), ConfigText.edit(file, texts));
    }
  }

  /** Without what only the input has. */
  private String weightMap() {
    Map<String, String> shardOf = new TreeMap<>();
    shards.forEach(shard -> shard.entries.forEach(entry -> shardOf.put(entry.name(), shard.name)));
    return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(shardOf);
  }
}
